// See database.h.
#include "worker/store/database.h"

#include <utility>

#include "common/base/log.h"
#include "common/base/text.h"

namespace store {
namespace {

constexpr int64_t schema_version = 4;  // the newest file in sql/

// What each connection is told, and asked, before it is used. The server's own timeout is a little shorter
// than ours, so that a slow statement ends as an error and not as a broken connection. A generic plan: the
// planner would otherwise look again at every batch. Every statement is for a few rows by an index; a plan
// that was made while the tables were empty must not scan them when they are full, nor start processes for
// it.
constexpr pg::Statement greeting = {"greeting", R"(
  SELECT set_config('synchronous_commit', 'on', false),
         set_config('default_transaction_isolation', 'read committed', false),
         set_config('plan_cache_mode', 'force_generic_plan', false),
         set_config('jit', 'off', false),
         current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on',
         (SELECT max(version)::bigint FROM schema_version),
         set_config('enable_seqscan', 'off', false), set_config('enable_hashjoin', 'off', false),
         set_config('enable_mergejoin', 'off', false), set_config('max_parallel_workers_per_gather', '0', false))"};

constexpr size_t read_depth = 16;  // queries in flight on one connection: enough to hide the round trip

std::string quoted_option(const char* name, int64_t ms) {
  return std::string(" -c ") + name + "=" + std::to_string(ms);
}

// libpq takes the last of two equal settings: the operator's own win. GSSAPI off by default: it would ask a
// key server, and block.
std::string conninfo(const conf::Settings& settings) {
  const int64_t statement_ms = settings.postgres_timeout * 3 / 8;  // before our own half is over
  return "gssencmode=disable application_name='chatd " + settings.node +
         "' tcp_user_timeout=" + std::to_string(settings.postgres_timeout) + " options='" +
         quoted_option("statement_timeout", statement_ms) + quoted_option("lock_timeout", statement_ms / 2) +
         quoted_option("idle_in_transaction_session_timeout", settings.postgres_timeout) + "' " +
         settings.postgres;
}

base::Error to_error(const pg::Outcome& outcome) {
  if (!outcome.transient())
    base::log(base::Level::error, "store: %s: %s", outcome.sqlstate.c_str(),
              base::escaped(outcome.detail).c_str());
  return outcome.error();
}

}  // namespace

Database::Database(loop::Loop& loop, const conf::Settings& settings,
                   std::function<void(std::string)> on_fatal)
    : on_fatal_(std::move(on_fatal)) {
  pg::PoolOptions options;
  options.keeper.conninfo = conninfo(settings);
  options.keeper.timeout_ms = options.timeout_ms = settings.postgres_timeout;
  options.keeper.greeting = &greeting;
  options.keeper.accept = [this](const pg::Outcome& outcome) { return accept(outcome); };
  options.keeper.purpose = "reads";
  options.connections = settings.postgres_connections;
  options.depth = read_depth;
  options.queue_limit = static_cast<size_t>(settings.postgres_queue);
  reads_ = std::make_unique<pg::Pool>(loop, options);
  options.connections = 1;
  options.depth = 1;
  options.queue_limit = 1;
  for (int64_t i = 0; i < settings.batch_connections; ++i) {
    options.keeper.purpose = "batch " + std::to_string(i + 1);
    lanes_.push_back(std::make_unique<pg::Pool>(loop, options));
  }
}

// Every connection finds it out for itself.
void Database::fatal(const std::string& why) {
  if (const auto tell = std::exchange(on_fatal_, {})) tell(why);
}

bool Database::accept(const pg::Outcome& outcome) {
  if (outcome.fate == pg::Fate::done) {
    const pg::Rows& row = outcome.rows[0];
    const int64_t version = row.is_null(0, 5) ? 0 : row.int8(0, 5);
    // Files of sql/ only add: a newer database is no harm to who runs already, and is not what a new one was
    // made for.
    if (version < schema_version || (version > schema_version && !accepted_)) {
      fatal("the database has schema version " + std::to_string(version) + ", this chatd needs " +
            std::to_string(schema_version) + ": run chatd-initdb, or the chatd that fits");
      return false;
    }
    if (!row.boolean(0, 4) && !accepted_)
      base::log(base::Level::warn,
                "postgres runs with fsync or full_page_writes off: a crash loses messages");
    accepted_ = true;
    return true;
  }
  if (outcome.sqlstate == "42P01")  // undefined_table
    fatal("the database has no chatd schema: run chatd-initdb");
  return false;
}

loop::Task<base::Result<pg::Rows>> Database::query(const pg::Statement& statement, pg::Params params) {
  pg::Outcome outcome = co_await reads_->execute(statement, std::move(params));
  if (outcome.fate != pg::Fate::done) co_return to_error(outcome);
  co_return std::move(outcome.rows[0]);
}

loop::Task<base::Result<std::vector<pg::Rows>>> Database::transaction(std::vector<pg::Query> queries) {
  pg::Outcome outcome = co_await reads_->execute(std::move(queries));
  if (outcome.fate != pg::Fate::done) co_return to_error(outcome);
  co_return std::move(outcome.rows);
}

loop::Task<base::Result<pg::Rows>> Database::locked(const pg::Statement& lock, pg::Params key,
                                                    const pg::Statement& change, pg::Params params) {
  std::vector<pg::Query> queries(2);
  queries[0].statement = &lock;
  queries[0].params = std::move(key);
  queries[1].statement = &change;
  queries[1].params = std::move(params);
  auto rows = co_await transaction(std::move(queries));
  if (!rows) co_return rows.error();
  co_return std::move(rows->back());
}

}  // namespace store
