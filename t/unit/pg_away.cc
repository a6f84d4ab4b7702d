// pg and a PostgreSQL that fails: it is stopped, killed, frozen, or ends one connection. What was sent and
// not answered is `unknown`, what was not sent is `refused`, each in time, and the pool comes back by itself.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
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

constexpr int64_t timeout_ms = 1600;  // half of it to wait, half for the server
constexpr pg::Statement hello = {"hello", "SELECT 1"};
constexpr pg::Statement insert = {"insert", "INSERT INTO t (id) VALUES ($1::bigint)"};
constexpr pg::Statement nap = {"nap", "SELECT 1 FROM pg_sleep($1::bigint / 1000.0)"};

pg::PoolOptions options(const tap::Postgres& server) {
  pg::PoolOptions o;
  o.keeper.conninfo = server.conninfo();
  o.keeper.purpose = "test";
  o.keeper.timeout_ms = o.timeout_ms = timeout_ms;
  o.keeper.greeting = &hello;
  o.keeper.accept = [](const Outcome& outcome) { return outcome.fate == Fate::done; };
  o.connections = 1;
  o.depth = 4;
  o.queue_limit = 10;
  return o;
}

struct Answer {
  Outcome outcome{};
  int64_t after_ms = -1;  // -1: not yet
};

loop::Task<void> ask(Pool& pool, const pg::Statement& statement, int64_t value, Answer& answer) {
  const int64_t before = base::mono_ms();
  Outcome outcome = co_await pool.execute(statement, Params().int8(value));
  answer.outcome = std::move(outcome);
  answer.after_ms = base::mono_ms() - before;
}

struct Bench {
  explicit Bench(tap::Postgres& server, const pg::PoolOptions& o) : server(server), pool(loop, o) {}
  std::shared_ptr<Answer> begin(const pg::Statement& statement, int64_t value) {
    auto answer = std::make_shared<Answer>();
    kept.push_back(answer);
    roots.spawn(ask(pool, statement, value, *answer));
    return answer;
  }
  std::shared_ptr<Answer> run(const pg::Statement& statement, int64_t value) {
    auto answer = begin(statement, value);
    tap::until(loop, [&] { return answer->after_ms >= 0; });
    return answer;
  }
  bool up() {
    return tap::until(loop, [this] { return pool.up(); });
  }
  bool down() {
    return tap::until(loop, [this] { return !pool.up(); });
  }
  // The statement is being executed.
  void wait_active(int count) {
    tap::until(loop, [&] {
      return server.number(
                 "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE "
                 "'%pg_sleep(%' AND pid <> pg_backend_pid()") == count;
    });
  }

  tap::Postgres& server;
  loop::Loop loop;
  Pool pool;
  std::vector<std::shared_ptr<Answer>> kept;
  tap::Roots roots{loop};
};

void at_start(Bench& bench) {
  tap::ok(!bench.pool.up(), "a new pool is not up");
  const auto early = bench.begin(insert, 1);
  tap::ok(bench.up(), "then it is");
  tap::until(bench.loop, [&] { return early->after_ms >= 0; });
  tap::ok(early->outcome.fate == Fate::done, "what was asked meanwhile is done");
}

// It is cut off in the middle of a statement: nobody can know what became of what was in flight.
void cut_off(Bench& bench) {
  const auto sleeps = bench.begin(nap, 60000), behind = bench.begin(insert, 2);
  bench.wait_active(1);
  bench.server.cut_off();
  tap::until(bench.loop, [&] { return sleeps->after_ms >= 0 && behind->after_ms >= 0; });
  tap::ok(sleeps->outcome.fate == Fate::unknown,
          "the server ends the connection: what it worked on is unknown");
  tap::ok(behind->outcome.fate == Fate::unknown, "and what had been sent behind it");
  tap::ok(sleeps->outcome.transient() && sleeps->outcome.error().code == base::Code::unavailable,
          "it may be tried again");
  const auto after = bench.run(insert, 3);
  tap::ok(after->outcome.fate == Fate::done, "the next waits for the new connection, and is done");
}

void cut_off_idle(Bench& bench) {
  bench.server.cut_off();
  tap::ok(bench.down(), "an idle connection is ended: noticed");
  tap::ok(bench.up() && bench.run(insert, 4)->outcome.fate == Fate::done, "and back");
}

void stopped(Bench& bench) {
  bench.server.stop(tap::Postgres::How::fast);
  tap::ok(bench.down(), "the server is stopped");
  const auto refused = bench.run(insert, 5);
  tap::ok(refused->outcome.fate == Fate::refused && refused->outcome.transient(), "a query is refused");
  tap::ok(refused->after_ms >= timeout_ms / 2 - 100 && refused->after_ms < timeout_ms + 2000,
          "after it has waited for a while");
  const auto waits = bench.begin(insert, 6);
  bench.server.start();
  tap::ok(bench.up(), "the server is back: so is the pool");
  tap::until(bench.loop, [&] { return waits->after_ms >= 0; });
  const bool honest = waits->outcome.fate == Fate::done || waits->outcome.fate == Fate::refused;
  tap::ok(honest, "what waited is done, or was never sent");
  const int64_t there = bench.server.number("SELECT count(*) FROM t WHERE id IN (5, 6)");
  tap::is(there, int64_t{waits->outcome.fate == Fate::done}, "what was refused is not there");
}

void killed(Bench& bench) {
  const auto sleeps = bench.begin(nap, 60000);
  bench.wait_active(1);
  bench.server.stop(tap::Postgres::How::kill);
  tap::until(bench.loop, [&] { return sleeps->after_ms >= 0; });
  tap::ok(sleeps->outcome.fate == Fate::unknown, "the server is killed: unknown");
  bench.server.start();
  tap::ok(bench.up() && bench.run(insert, 7)->outcome.fate == Fate::done, "and back");
}

// It neither answers nor goes away.
void frozen(Bench& bench) {
  bench.server.freeze();
  const auto sent = bench.run(insert, 8);
  tap::ok(sent->outcome.fate == Fate::unknown, "the server is frozen: what was sent is unknown");
  tap::ok(sent->after_ms >= timeout_ms / 2 - 100 && sent->after_ms < timeout_ms + 2000, "in time");
  tap::ok(!bench.pool.up(), "and the connection is given up");
  const auto next = bench.run(insert, 9);
  tap::ok(next->outcome.fate == Fate::refused, "what comes then is refused, for nobody greets");
  const auto later = bench.run(insert, 9);
  tap::ok(later->outcome.fate == Fate::refused && later->after_ms < timeout_ms / 4,
          "and later ones at once: who asks again and again does not wait each time");
  tap::spend(bench.loop, timeout_ms + 300);  // longer than a greeting may take
  bench.server.thaw();
  tap::ok(bench.up() && bench.run(insert, 10)->outcome.fate == Fate::done, "it goes on: back");
  tap::is(bench.server.number("SELECT count(*) FROM t WHERE id = 9"), int64_t{0},
          "what was refused is not there");
}

void full(Bench& bench) {
  bench.server.stop(tap::Postgres::How::immediate);
  bench.down();
  std::vector<std::shared_ptr<Answer>> waiting;
  for (int i = 0; i < 10; ++i) waiting.push_back(bench.begin(insert, 20 + i));
  const auto eleventh = bench.begin(insert, 30);
  tap::settle(bench.loop);
  tap::ok(eleventh->outcome.fate == Fate::refused && eleventh->after_ms >= 0,
          "ten wait: the eleventh is refused at once");
  tap::ok(waiting[0]->after_ms < 0 && waiting[9]->after_ms < 0, "the ten still wait");
  bench.server.start();
  tap::until(bench.loop, [&] { return waiting[9]->after_ms >= 0; });
  bench.up();
  tap::ok(bench.run(insert, 31)->outcome.fate == Fate::done, "and there is room again");
}

// What has waited long is not what makes a server look hung.
void busy(tap::Postgres& server) {
  pg::PoolOptions o = options(server);
  o.depth = 1;
  Bench bench(server, o);
  bench.up();
  const auto first = bench.begin(nap, timeout_ms * 3 / 8), second = bench.begin(nap, timeout_ms * 3 / 8);
  tap::until(bench.loop, [&] { return second->after_ms >= 0; });
  tap::ok(first->outcome.fate == Fate::done && second->outcome.fate == Fate::done,
          "two that take three quarters of the time together are both done");
}

void two_connections(tap::Postgres& server) {
  pg::PoolOptions o = options(server);
  o.depth = 1;
  o.connections = 2;
  Bench bench(server, o);
  bench.up();
  tap::until(bench.loop, [&] {
    return server.number("SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT 1'") == 2;
  });
  const auto one = bench.begin(nap, 300), two = bench.begin(nap, 300);
  bench.wait_active(2);
  tap::ok(one->after_ms < 0 && two->after_ms < 0, "two connections work at once");
  tap::until(bench.loop, [&] { return one->after_ms >= 0 && two->after_ms >= 0; });
  tap::ok(one->outcome.fate == Fate::done && two->outcome.fate == Fate::done, "and are done");
}

void not_accepted(tap::Postgres& server) {
  pg::PoolOptions o = options(server);
  int asked = 0;
  o.keeper.accept = [&asked](const Outcome&) { return ++asked >= 3; };
  Bench bench(server, o);
  const auto waits = bench.begin(insert, 40);
  tap::ok(bench.up() && asked == 3, "a greeting that is not accepted is tried again");
  tap::until(bench.loop, [&] { return waits->after_ms >= 0; });
  tap::ok(waits->outcome.fate == Fate::done, "nothing is sent before one is");
  o.keeper.conninfo = "host=/nowhere/at/all dbname=x";
  Bench nowhere(server, o);
  tap::ok(nowhere.run(insert, 41)->outcome.fate == Fate::refused, "where there is no server: refused");
}

// At the first of two places the kernel takes connections, and nobody ever answers.
void two_places(tap::Postgres& server) {
  std::string folder = "/tmp/chatd-pg-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("mkdtemp");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = folder + "/.s.PGSQL.5432";
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int silent = socket(AF_UNIX, SOCK_STREAM, 0);
  const bool listens =
      bind(silent, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && listen(silent, 8) == 0;
  pg::PoolOptions o = options(server);
  o.keeper.conninfo.insert(std::string("host=").size(), folder + ",");
  {
    Bench bench(server, o);
    tap::ok(listens && bench.up(), "where nobody answers at the first place, the second is found");
    server.cut_off();
    tap::ok(bench.down() && bench.up(), "and found again");
  }
  close(silent);
  std::filesystem::remove_all(folder);
}

}  // namespace

int main() {
  tap::Postgres server(false);
  server.sql("CREATE TABLE t (id bigint PRIMARY KEY)");
  {
    Bench bench(server, options(server));
    at_start(bench);
    cut_off(bench);
    cut_off_idle(bench);
    stopped(bench);
    killed(bench);
    frozen(bench);
    full(bench);
  }
  busy(server);
  two_connections(server);
  not_accepted(server);
  two_places(server);
  return tap::done();
}
