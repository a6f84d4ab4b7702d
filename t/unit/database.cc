// The store's connections: what each is told before it is used, which database is refused, and what becomes
// of a question that can't be answered.
#include "worker/store/database.h"

#include <string>
#include <vector>

#include "store.h"

namespace {

constexpr pg::Statement get_settings = {"get_settings", R"(
  SELECT concat_ws(' ', current_setting('synchronous_commit'), current_setting('transaction_isolation'),
                   current_setting('plan_cache_mode'), current_setting('enable_seqscan'),
                   current_setting('statement_timeout'), current_setting('lock_timeout'),
                   current_setting('application_name')))"};
constexpr pg::Statement nap = {"nap", "SELECT 1 FROM pg_sleep($1::bigint / 1000.0)"};
constexpr pg::Statement wrong = {"wrong", "SELECT 1 / $1::bigint"};

base::Result<pg::Rows> ask(loop::Loop& loop, store::Database& database, const pg::Statement& statement,
                           std::optional<int64_t> value = std::nullopt) {
  pg::Params params;
  if (value) params.int8(*value);
  return tap::run(loop, database.query(statement, std::move(params)));
}

void told(loop::Loop& loop, store::Database& database) {
  auto rows = ask(loop, database, get_settings);
  tap::is(rows ? std::string(rows->text(0, 0)) : rows.error().detail,
          std::string("on read committed force_generic_plan off 1500ms 750ms chatd test"),
          "a connection is told how to commit, to plan, and when to give up");
}

void errors(loop::Loop& loop, store::Database& database) {
  auto late = ask(loop, database, nap, 60000);
  tap::ok(!late && late.error().code == base::Code::unavailable,
          "a statement that takes too long: unavailable");
  tap::ok(database.up(), "by the server's word: the connection stays");
  auto fault = ask(loop, database, wrong, 0);
  tap::ok(!fault && fault.error().code == base::Code::internal, "one that is wrong: internal");
  std::vector<pg::Query> queries;
  queries.push_back(pg::Query{&wrong, pg::Params().int8(1)});
  queries.push_back(pg::Query{&get_settings, pg::Params()});
  auto both = tap::run(loop, database.transaction(std::move(queries)));
  tap::ok(both && both->size() == 2 && (*both)[0].int8(0, 0) == 1, "a transaction: an answer for each");
}

// What the operator is told, each time that it is told.
std::vector<std::string> fatal(loop::Loop& loop, const conf::Settings& settings) {
  std::vector<std::string> words;
  store::Database database(loop, settings, [&words](std::string why) { words.push_back(std::move(why)); });
  tap::until(loop, [&] { return !words.empty(); });
  tap::spend(loop, 700);
  tap::ok(!database.up(), "it is not used");
  return words;
}

}  // namespace

int main() {
  tap::Postgres server;
  loop::Loop loop;
  conf::Settings settings = tap::settings(server);
  {
    store::Database database(loop, settings, [](std::string) { std::abort(); });
    tap::until(loop, [&] { return database.up(); });
    tap::is(database.lanes().size(), size_t{2}, "a lane for each connection of the batch");
    told(loop, database);
    errors(loop, database);
    server.sql("INSERT INTO schema_version (version) VALUES (9999)");
    server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'chatd%'");
    tap::until(loop, [&] { return !database.up(); });
    tap::until(loop, [&] { return database.up(); });
    tap::ok(true, "who runs goes on while the schema becomes a newer one");
  }
  const auto newer = fatal(loop, settings);
  tap::ok(newer.size() == 1 && newer[0].find("schema version 9999") != std::string::npos,
          "another schema: told once, whatever the number of connections");
  settings.postgres = server.conninfo("postgres");
  const auto none = fatal(loop, settings);
  tap::ok(none.size() == 1 && none[0].find("no chatd schema") != std::string::npos, "no schema: told once");
  return tap::done();
}
