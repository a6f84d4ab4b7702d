// The rows. Why each default is what it is: man/chatd.conf.5.
#include "common/conf/directives.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace conf {
namespace {

using S = Settings;
using enum Kind;
using enum Reload;

constexpr int64_t k = 1 << 10, m = 1 << 20, g = 1 << 30;
constexpr int64_t ms = 1, s = 1000, minute = 60 * s, h = 60 * minute;
constexpr std::monostate none;

// clang-format off
constexpr std::array table = std::to_array<Directive>({
  {"accept_mutex", flag, "true", 0, 1, &S::accept_mutex, taken, "one worker at a time accepts connections"},
  {"ack_interval", time, "1s", 10 * ms, s, &S::ack_interval, taken, "acknowledgements are gathered this long"},
  {"agent_listen", address, "", 0, 0, &S::agent_listen, taken, "where HAProxy's agent check is answered"},
  {"backlog_page", integer, "200", 1, 1000, &S::backlog_page, taken, "messages read at once for a session that catches up"},
  {"batch_bytes", size, "256k", 64 * k, m, &S::batch_bytes, taken, "text in one batch of messages"},
  {"batch_connections", integer, "2", 1, 64, &S::batch_connections, taken, "PostgreSQL connections per worker for messages"},
  {"batch_messages", integer, "128", 1, 1000, &S::batch_messages, taken, "messages in one batch"},
  {"batch_queue", integer, "8192", 1, 1'000'000, &S::batch_queue, taken, "sends waiting per worker"},
  {"daemon", flag, "false", 0, 1, &S::daemon, restart, "run in the background"},
  {"dirty_conversations", integer, "1000", 1, 100'000, &S::dirty_conversations, taken, "conversations a slow session may lag in"},
  {"error_log", log_target, "stderr", 0, 0, &S::error_log, taken, "where the log goes"},
  {"frame_timeout", time, "30s", s, h, &S::frame_timeout, taken, "a frame once begun ends within this"},
  {"gap_hold", time, "20ms", ms, s, &S::gap_hold, taken, "a message that overtook another waits this long for it"},
  {"gates", integer, "100000", 100, 10'000'000, &S::gates, taken, "conversations whose next seq a worker remembers"},
  {"group_events_max", integer, "200", 0, 1'000'000, &S::group_events_max, taken, "members of a group that are told who reads, types, comes and goes"},
  {"guess_burst", integer, "100", 1, 1'000'000, &S::guess_burst, taken, "wrong passwords at once before guess_rate holds"},
  {"guess_rate", integer, "1", 0, 1'000'000, &S::guess_rate, taken, "wrong passwords a second for a name from an address"},
  {"hash_iterations", integer, "2", 1, 20, &S::hash_iterations, taken, "argon2id's passes over a password"},
  {"hash_memory", size, "19m", m, g, &S::hash_memory, taken, "argon2id's memory for a password"},
  {"hash_queue", integer, "100", 1, 10'000, &S::hash_queue, taken, "passwords waiting per worker"},
  {"hash_threads", integer, "1", 1, 16, &S::hash_threads, taken, "threads per worker that hash passwords"},
  {"listen", section, "", 0, 0, none, taken, "a socket for clients"},
  {"listen.backlog", integer, "4096", 1, 65535, none, taken, "connections waiting to be accepted"},
  {"listen.proxy", flag, "false", 0, 1, none, taken, "every connection begins with a PROXY v2 header"},
  {"listen.websocket", flag, "false", 0, 1, none, taken, "HTTP: the files of web_root, and WebSocket at /ws"},
  {"log_level", log_level, "notice", 0, 0, &S::log_level, taken, "the least level that is logged"},
  {"login_burst", integer, "100", 1, 1'000'000, &S::login_burst, taken, "password logins at once before login_rate holds"},
  {"login_concurrency", integer, "8", 1, 10'000, &S::login_concurrency, taken, "logins at the store at once, per worker"},
  {"login_rate", integer, "0", 0, 1'000'000, &S::login_rate, taken, "password logins a second from an address"},
  {"login_timeout", time, "60s", s, h, &S::login_timeout, taken, "who has not logged in by then is closed"},
  {"max_blocks", integer, "1000", 1, 100000, &S::max_blocks, taken, "users that a user blocks"},
  {"max_contacts", integer, "1000", 1, 100000, &S::max_contacts, taken, "contacts of a user"},
  {"max_frame", size, "64k", k, m, &S::max_frame, taken, "a frame of a client"},
  {"max_group_members", integer, "10000", 1, 1'000'000, &S::max_group_members, taken, "members of a group"},
  {"max_groups", integer, "1000", 1, 100000, &S::max_groups, taken, "groups a user is in"},
  {"max_pipeline", integer, "256", 1, 65536, &S::max_pipeline, taken, "requests without a reply per connection"},
  {"max_sessions_per_user", integer, "32", 1, 10000, &S::max_sessions_per_user, taken, "sessions of a user"},
  {"max_text", size, "8k", 1, m, &S::max_text, taken, "a message's text"},
  {"name_cache", integer, "100000", 100, 10'000'000, &S::name_cache, taken, "names a worker remembers"},
  {"node", node, "", 1, 32, &S::node, taken, "this node's name"},
  {"output_limit", size, "256k", 64 * k, 64 * m, &S::output_limit, taken, "bytes waiting for a client before it counts as slow"},
  {"pid_file", path, "", 0, 0, &S::pid_file, restart, "where the master writes its process id"},
  {"ping_interval", seconds, "60s", s, h, &S::ping_interval, taken, "a client says something at least this often"},
  {"poll_interval", time, "1s", 100 * ms, s, &S::poll_interval, taken, "how often the store is asked for what changed"},
  {"postgres", conninfo, "", 1, 4096, &S::postgres, taken, "how the store is reached"},
  {"postgres_connections", integer, "2", 1, 64, &S::postgres_connections, taken, "PostgreSQL connections per worker for everything else"},
  {"postgres_queue", integer, "4096", 1, 1'000'000, &S::postgres_queue, taken, "queries waiting per worker"},
  {"postgres_timeout", time, "4s", 100 * ms, minute, &S::postgres_timeout, taken, "a query ends within this"},
  {"presence_delay", time, "5s", 100 * ms, minute, &S::presence_delay, taken, "who comes back within this has not been away"},
  {"proxy_timeout", time, "3s", 100 * ms, minute, &S::proxy_timeout, taken, "a PROXY header arrives within this"},
  {"proxy_trusted", networks, "127.0.0.0/8 ::1/128", 1, 1000, &S::proxy_trusted, taken, "who may send PROXY headers"},
  {"reconnect_spread", time, "2s", 0, h, &S::reconnect_spread, taken, "clients sent away come back over this time"},
  {"redis", section, "", 0, 0, none, taken, "how the bus is reached"},
  {"redis.password", secret, "", 0, 1024, none, taken, "sent with AUTH"},
  {"redis_queue", size, "16m", 64 * k, g, &S::redis_queue, taken, "bytes waiting to be published per worker"},
  {"redis_timeout", time, "2s", 100 * ms, minute, &S::redis_timeout, taken, "Redis answers within this"},
  {"respawn_delay_max", time, "60s", 2 * s, h, &S::respawn_delay_max, taken, "a worker that keeps dying is not started oftener"},
  {"send_burst", integer, "1000", 1, 1'000'000, &S::send_burst, taken, "sends at once before send_rate holds"},
  {"send_rate", integer, "0", 0, 1'000'000, &S::send_rate, taken, "sends and typings a second of a user"},
  {"shutdown_timeout", time, "30s", s, h, &S::shutdown_timeout, taken, "a graceful end takes at most this"},
  {"slow_timeout", time, "60s", s, h, &S::slow_timeout, taken, "a slow client drains within this"},
  {"token_lifetime", time, "720h", minute, 87600 * h, &S::token_lifetime, taken, "a token unused for this long is void"},
  {"web_files", size, "16m", 64 * k, g, &S::web_files, taken, "the files of web_root together"},
  {"web_root", path, "", 0, 0, &S::web_root, taken, "the folder of the web page"},
  {"websocket_origins", origins, "", 1, 100, &S::websocket_origins, taken, "pages that may open a WebSocket"},
  {"worker_connections", integer, "16384", 64, 1'000'000, &S::worker_connections, taken, "clients per worker"},
  {"worker_processes", auto_or_integer, "auto", 1, 256, &S::worker_processes, taken, "workers; auto is one per CPU"},
  {"worker_timeout", time, "2s", s, minute, &S::worker_timeout, taken, "a worker silent for this long is killed"},
});
// clang-format on

constexpr bool by_name(const Directive& a, const Directive& b) {
  return a.name < b.name;
}
static_assert(std::is_sorted(table.begin(), table.end(), by_name));
static_assert(std::adjacent_find(table.begin(), table.end(),
                                 [](auto& a, auto& b) { return a.name == b.name; }) == table.end());

}  // namespace

std::span<const Directive> directives() {
  return table;
}

const Directive& directive(std::string_view name) {
  const auto* row = std::lower_bound(table.begin(), table.end(), name,
                                     [](const Directive& a, std::string_view b) { return a.name < b; });
  assert(row != table.end() && row->name == name);
  return *row;
}

std::string_view section_of(const Directive& row) {
  const size_t dot = row.name.find('.');
  return dot == row.name.npos ? std::string_view() : row.name.substr(0, dot);
}

std::string_view key_of(const Directive& row) {
  const size_t dot = row.name.find('.');
  return dot == row.name.npos ? row.name : row.name.substr(dot + 1);
}

}  // namespace conf
