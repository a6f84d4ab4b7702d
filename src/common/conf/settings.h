// Settings: the whole configuration as values, one field a directive, named alike.
//
// Filled by conf/load from a file by the table in conf/directives.cc, which holds defaults, ranges and
// units; read-only afterwards. A worker gets its copy by fork. Sizes are bytes, times milliseconds.
// Why each default is what it is: man/chatd.conf.5.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace conf {

struct Listen {
  std::string address;     // "IP:PORT", "[IP6]:PORT" or "unix:/PATH"
  bool proxy = false;      // every connection begins with a PROXY v2 header
  bool websocket = false;  // HTTP: the files of web_root, and WebSocket at /ws
  int backlog = 4096;
  int line = 0;  // where it stands in the file, for messages
};

struct Redis {
  std::string address;  // "IP:PORT" or "unix:/PATH"
  std::string password;
};

struct Settings {
  // the process
  std::string node;              // default: the host's name
  int64_t worker_processes = 0;  // 0: one per CPU ("auto")
  int64_t worker_connections = 0;
  bool daemon = false;
  std::string pid_file;
  std::string error_log;
  std::string log_level;
  bool accept_mutex = true;
  int64_t worker_timeout = 0;  // a heartbeat older than this: the worker is killed
  int64_t respawn_delay_max = 0;
  int64_t shutdown_timeout = 0;
  int64_t reconnect_spread = 0;  // clients are told to wait 0 to this long before they come back

  // sockets
  std::vector<Listen> listen;
  std::string agent_listen;                // empty: no agent
  std::vector<std::string> proxy_trusted;  // "10.0.0.0/8", "::1", "unix"
  int64_t proxy_timeout = 0;

  // the web
  std::string web_root;  // empty: no files
  int64_t web_files = 0;
  std::vector<std::string> websocket_origins;  // empty: the page's own host

  // the store and the bus
  std::string postgres;              // libpq's conninfo
  int64_t postgres_connections = 0;  // per worker, for reads
  int64_t batch_connections = 0;     // per worker, for messages
  int64_t postgres_timeout = 0;
  int64_t postgres_queue = 0;  // queries waiting per worker, beyond: unavailable
  std::vector<Redis> redis;    // one, in this version
  int64_t redis_timeout = 0;   // connect, and a heartbeat that does not come back
  int64_t redis_queue = 0;     // bytes waiting to be published, beyond: dropped, caught up by store

  // a connection
  int64_t max_frame = 0;
  int64_t max_text = 0;
  int64_t max_pipeline = 0;  // requests without a reply per connection
  int64_t ping_interval = 0;
  int64_t login_timeout = 0;
  int64_t frame_timeout = 0;  // a frame once begun ends within this
  int64_t output_limit = 0;   // bytes waiting to be written, beyond: no longer pushed to
  int64_t slow_timeout = 0;

  // messages
  int64_t batch_messages = 0;
  int64_t batch_bytes = 0;
  int64_t batch_queue = 0;  // sends waiting per worker, beyond: unavailable
  int64_t ack_interval = 0;
  int64_t gap_hold = 0;             // a message that overtook another waits this long for it
  int64_t gates = 0;                // conversations whose next seq a worker remembers
  int64_t backlog_page = 0;         // messages read at once when a session catches up
  int64_t dirty_conversations = 0;  // conversations a slow session may lag in before a full resync
  int64_t name_cache = 0;           // names and direct conversations a worker remembers
  int64_t poll_interval = 0;        // the store is asked for revocations, and for messages without Redis

  // people and groups
  int64_t max_groups = 0;  // groups a user may be in
  int64_t max_group_members = 0;
  int64_t max_contacts = 0;
  int64_t max_blocks = 0;
  int64_t max_sessions_per_user = 0;  // the oldest goes
  int64_t group_events_max = 0;       // members; in larger groups read, typing, joined and left are not told
  int64_t presence_delay = 0;         // who comes back within this has not been away

  // accounts
  int64_t hash_threads = 0;
  int64_t hash_queue = 0;
  int64_t hash_memory = 0;
  int64_t hash_iterations = 0;
  int64_t login_concurrency = 0;  // logins at the store at once, per worker; the others wait for their turn
  int64_t token_lifetime = 0;

  // rates, told on each node by itself; a rate of 0 is no limit
  int64_t send_rate = 0;  // sends a second of a user
  int64_t send_burst = 0;
  int64_t login_rate = 0;  // registrations and logins by password a second from an address
  int64_t login_burst = 0;
  int64_t guess_rate = 0;  // wrong passwords a second for a name from an address
  int64_t guess_burst = 0;
};

}  // namespace conf
