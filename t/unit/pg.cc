// pg against a real PostgreSQL: values there and back, pipelines and their errors, prepared statements, what
// happens to those who no longer wait. pg_away.cc is about a server that fails.
#include <limits>
#include <string>
#include <vector>

#include "postgres.h"
#include "turns.h"
#include "worker/pg/pool.h"

namespace {

using pg::Fate;
using pg::Outcome;
using pg::Params;
using pg::Pool;
using pg::Query;

constexpr pg::Statement hello = {"hello", "SELECT 1"};

pg::PoolOptions options(const tap::Postgres& server, int64_t connections, size_t depth) {
  pg::PoolOptions o;
  o.keeper.conninfo = server.conninfo();
  o.keeper.purpose = "test";
  o.keeper.timeout_ms = o.timeout_ms = 10000;
  o.keeper.greeting = &hello;
  o.keeper.accept = [](const Outcome& outcome) { return outcome.fate == Fate::done; };
  o.connections = connections;
  o.depth = depth;
  o.queue_limit = 10000;
  return o;
}

loop::Task<Outcome> ask(Pool& pool, std::vector<Query> queries) {
  Outcome outcome = co_await pool.execute(std::move(queries));
  co_return outcome;
}

struct Bench {
  loop::Loop& loop;
  Pool& pool;
  Outcome run(std::vector<Query> queries) { return tap::run(loop, ask(pool, std::move(queries))); }
  Outcome run(const pg::Statement& statement, Params params = Params()) {
    std::vector<Query> queries;
    queries.push_back(Query{&statement, std::move(params)});
    return run(std::move(queries));
  }
};

constexpr pg::Statement scalars = {
    "scalars", "SELECT $1::bigint, $2::int, $3::boolean, $4::text, $5::bytea, $6::text, $7::bigint"};
constexpr pg::Statement array_parts = {"array_parts", R"(
  SELECT cardinality($1::bigint[]), ($1::bigint[])[3], cardinality($2::text[]), ($2::text[])[1], ($2::text[])[2],
         ($3::text[])[1] IS NULL, ($3::text[])[2], ($4::uuid[])[1]::text)"};
constexpr pg::Statement time_of = {"time_of", "SELECT to_timestamp(1234567890.123456), to_timestamp(0)"};

void values(Bench& bench) {
  const std::string text = "h\xC3\xA4tte ' \" \\ ; -- \n \x01 \xF0\x9F\x92\xAC";
  const std::string bytes("\0\xFF\x80'\\", 5);
  Params params;
  params.int8(std::numeric_limits<int64_t>::min()).int4(-7).boolean(true).text(text).bytea(bytes).text("");
  params.int8(INT64_C(9007199254740991));
  tap::is(params.size(), size_t{7}, "seven parameters");
  const Outcome outcome = bench.run(scalars, std::move(params));
  tap::ok(outcome.fate == Fate::done && outcome.rows.size() == 1, "one query, one answer");
  const pg::Rows& row = outcome.rows[0];
  tap::ok(row.count() == 1 && !row.empty(), "of one row");
  tap::is(row.int8(0, 0), std::numeric_limits<int64_t>::min(), "the least bigint");
  tap::is(row.int4(0, 1), -7, "an int");
  tap::ok(row.boolean(0, 2), "a boolean");
  tap::ok(row.text(0, 3) == text, "a text with everything in it");
  tap::ok(row.text(0, 4) == bytes, "bytes, zero among them");
  tap::ok(row.text(0, 5).empty() && !row.is_null(0, 5), "an empty text is not NULL");
  tap::is(row.int8(0, 6), INT64_C(9007199254740991), "a big bigint");
}

void nulls(Bench& bench) {
  Params params;
  params.null().int4(0).boolean(false).null().null().null().null();
  const Outcome outcome = bench.run(scalars, std::move(params));
  const pg::Rows& row = outcome.rows[0];
  tap::ok(row.is_null(0, 0) && row.is_null(0, 3) && row.is_null(0, 6), "NULL there and back");
  tap::ok(!row.is_null(0, 1) && row.int4(0, 1) == 0 && !row.boolean(0, 2), "0 and false are none");
}

void arrays(Bench& bench) {
  const std::vector<int64_t> numbers = {1, -2, INT64_C(1) << 60};
  const std::vector<std::string_view> texts = {"", "{a,\"b\"}"}, or_null = {"", "x"};
  const std::vector<std::string_view> uuids = {"0123456789abcdef"};
  Params params;
  params.int8_array(numbers).text_array(texts).text_array_or_null(or_null).uuid_array(uuids);
  const Outcome outcome = bench.run(array_parts, std::move(params));
  tap::ok(outcome.fate == Fate::done, "arrays are taken");
  const pg::Rows& row = outcome.rows[0];
  tap::ok(row.int4(0, 0) == 3 && row.int8(0, 1) == INT64_C(1) << 60, "bigints");
  tap::ok(row.int4(0, 2) == 2 && row.text(0, 3).empty() && row.text(0, 4) == "{a,\"b\"}", "texts");
  tap::ok(row.boolean(0, 5) && row.text(0, 6) == "x", "texts of which the empty one is NULL");
  tap::is(std::string(row.text(0, 7)), std::string("30313233-3435-3637-3839-616263646566"), "a uuid");
  Params none;
  none.int8_array({}).text_array({}).text_array_or_null({}).uuid_array({});
  const Outcome empty = bench.run(array_parts, std::move(none));
  tap::ok(empty.fate == Fate::done && empty.rows[0].int4(0, 0) == 0, "arrays of nothing");
}

void times(Bench& bench) {
  const Outcome outcome = bench.run(time_of);
  tap::is(outcome.rows[0].micros(0, 0), INT64_C(1234567890123456), "a time in microseconds");
  tap::is(outcome.rows[0].millis(0, 0), INT64_C(1234567890123), "and milliseconds");
  tap::is(outcome.rows[0].micros(0, 1), INT64_C(0), "the epoch");
}

constexpr pg::Statement insert = {"insert", "INSERT INTO t (id) VALUES ($1::bigint)"};
constexpr pg::Statement count = {"count", "SELECT count(*) FROM t"};
constexpr pg::Statement broken = {"broken", "SELECT nonsense FROM nowhere"};
constexpr pg::Statement divide = {"divide", "SELECT 1 / $1::int"};

Query number(const pg::Statement& statement, int64_t value) {
  return Query{&statement, Params().int8(value)};
}

std::vector<Query> queries(std::initializer_list<Query> list) {
  return list;
}

void transactions(Bench& bench, tap::Postgres& server) {
  const Outcome both = bench.run(queries({number(insert, 1), number(insert, 2), Query{&count, {}}}));
  tap::ok(both.fate == Fate::done && both.rows.size() == 3, "three queries, three answers");
  tap::ok(both.rows[0].affected() == 1 && both.rows[2].int8(0, 0) == 2, "each sees the ones before");
  const Outcome twice = bench.run(queries({number(insert, 3), number(insert, 1), number(insert, 4)}));
  tap::ok(twice.fate == Fate::failed && twice.sqlstate == "23505", "the second of three fails");
  tap::is(twice.detail, std::string("duplicate key value violates unique constraint \"t_pkey\""),
          "with the server's words");
  tap::is(server.sql("SELECT count(*) FROM t"), std::string("2"), "and nothing of the three stays");
  tap::ok(!twice.transient() && twice.error().code == base::Code::internal, "it is no passing fault");
  tap::ok(bench.run(count).fate == Fate::done, "the connection goes on");
}

// A deferred constraint fails at the commit: after the last answer, before the sync's.
constexpr pg::Statement insert_late = {"insert_late", "INSERT INTO late (id) VALUES ($1::bigint)"};

void fails_at_commit(Bench& bench) {
  const Outcome outcome = bench.run(queries({number(insert_late, 1), number(insert_late, 1)}));
  tap::ok(outcome.fate == Fate::failed && outcome.sqlstate == "23505", "a commit that fails is no success");
  tap::ok(bench.run(insert_late, Params().int8(2)).fate == Fate::done, "and the next one commits");
}

void prepared(Bench& bench, tap::Postgres& server) {
  const Outcome bad =
      bench.run(queries({number(insert, 10), Query{&broken, {}}, Query{&divide, Params().int4(1)}}));
  tap::ok(bad.fate == Fate::failed && bad.sqlstate == "42P01", "one that can't be prepared fails the job");
  const Outcome after = bench.run(divide, Params().int4(1));
  tap::ok(after.fate == Fate::done, "one that came behind it is prepared another time");
  tap::is(bench.run(divide, Params().int4(0)).sqlstate, std::string("22012"),
          "an error while it is executed");
  tap::ok(bench.run(divide, Params().int4(2)).fate == Fate::done, "leaves it prepared");
  server.sql("CREATE TABLE nowhere (nonsense int)");
  tap::ok(bench.run(broken).fate == Fate::done, "what could not be prepared can be, once it is right");
  const Outcome error = bench.run(queries({Query{&divide, Params().int4(0)}, Query{&time_of, {}}}));
  tap::ok(error.fate == Fate::failed && bench.run(time_of).fate == Fate::done, "prepared behind an error");
}

loop::Task<void> insert_one(Pool& pool, int64_t id, int& done, int& failed, std::string& order) {
  const Outcome outcome = co_await pool.execute(insert, Params().int8(id));
  ++(outcome.fate == Fate::done ? done : failed);
  order += std::to_string(id) + ' ';
}

// Many in flight on one connection: errors belong to their own job alone.
void pipeline(Bench& bench) {
  int done = 0, failed = 0;
  std::string order, expected;
  tap::Roots roots(bench.loop);
  for (int64_t id = 100; id < 150; ++id) {
    roots.spawn(insert_one(bench.pool, id % 5 == 0 ? 1 : id, done, failed, order));
    expected += std::to_string(id % 5 == 0 ? 1 : id) + ' ';
  }
  tap::until(bench.loop, [&] { return roots.size() == 0; });
  tap::ok(done == 40 && failed == 10, "fifty at once, each fifth fails: forty are done");
  tap::is(order, expected, "they end in the order in which they were asked");
}

// What nobody waits for any more is read and dropped; what was not sent yet is not sent at all.
void dropped(Bench& bench, tap::Postgres& server) {
  int done = 0, failed = 0;
  std::string order;
  {
    tap::Roots roots(bench.loop);
    for (int64_t id = 200; id < 240; ++id) roots.spawn(insert_one(bench.pool, id, done, failed, order));
  }
  tap::is(bench.run(insert, Params().int8(240)).fate == Fate::done, true, "the next one is answered");
  tap::ok(done == 0 && failed == 0, "forty that nobody waits for tell nobody");
  tap::is(server.sql("SELECT count(*) FROM t WHERE id >= 200"), std::string("17"),
          "those that were sent were executed, the others not");
}

constexpr pg::Statement echo_length = {"echo_length", "SELECT octet_length($1::text), repeat('y', $2::int)"};

// Neither side may wait for the other when both have more to write than the socket holds.
void big(Bench& bench) {
  const std::string text(8 << 20, 'x');
  std::vector<Query> many;
  for (int i = 0; i < 4; ++i) many.push_back(Query{&echo_length, Params().text(text).int4(8 << 20)});
  const Outcome outcome = bench.run(std::move(many));
  tap::ok(outcome.fate == Fate::done && outcome.rows.size() == 4, "32 MB each way at once");
  tap::ok(outcome.rows[3].int4(0, 0) == 8 << 20 && outcome.rows[3].text(0, 1).size() == 8 << 20, "all of it");
}

}  // namespace

int main() {
  tap::Postgres server(false);
  server.sql("CREATE TABLE t (id bigint PRIMARY KEY)");
  server.sql("CREATE TABLE late (id bigint UNIQUE DEFERRABLE INITIALLY DEFERRED)");
  loop::Loop loop;
  Pool pool(loop, options(server, 1, 16));
  Bench bench{loop, pool};
  values(bench);
  nulls(bench);
  arrays(bench);
  times(bench);
  transactions(bench, server);
  fails_at_commit(bench);
  prepared(bench, server);
  pipeline(bench);
  dropped(bench, server);
  big(bench);
  return tap::done();
}
