// The board on a real PostgreSQL: revocations, and the leases of workers that are mute, as another one sees
// them.
#include "worker/store/board.h"

#include <sstream>
#include <string>

#include "store.h"

namespace {

struct Bench {
  tap::Postgres& server;
  loop::Loop& loop;
  store::Board board;

  // All leases as if so many seconds had gone by.
  void pass(int seconds) {
    const std::string span = " - interval '" + std::to_string(seconds) + " seconds'";
    server.sql("UPDATE mute SET since = since" + span + ", until = until" + span);
  }
  void say(uint64_t origin, int64_t age_ms, int64_t lease_ms) {
    if (!tap::run(loop, board.mute(origin, age_ms, lease_ms))) tap::ok(false, "a lease is written");
  }
  // Each mute worker, and since how many seconds.
  std::string mute(uint64_t asker, int64_t mute_ms = 0) {
    auto news = tap::run(loop, board.look(asker, 0, mute_ms));
    if (!news) return "failed";
    std::ostringstream out;
    for (const store::Mute& other : news->mute)
      out << std::hex << other.origin << ':' << std::dec << (other.age_ms + 500) / 1000 << ' ';
    return out.str();
  }
};

constexpr uint64_t high = 0xF000000000000001;  // above what a signed number holds

void leases(Bench& b) {
  tap::is(b.mute(1), std::string(), "nobody is mute");
  b.say(high, 5000, 60000);
  tap::is(b.mute(1), std::string("f000000000000001:5 "), "one says that it is, another sees it");
  tap::is(b.mute(high), std::string(), "it need not ask for its own");
  b.pass(50);
  tap::is(b.mute(1), std::string("f000000000000001:55 "), "a while later");
  b.say(high, 55000, 60000);
  b.pass(50);
  tap::is(b.mute(1), std::string("f000000000000001:105 "), "said again: as long again, since the same time");
  b.pass(20);
  tap::is(b.mute(1), std::string(), "not said again: it ends by itself");
  tap::is(b.mute(1, 30000), std::string("f000000000000001:125 "), "who has not looked since it was, sees it");
  b.say(high, 125000, 60000);
  tap::ok(static_cast<bool>(tap::run(b.loop, b.board.unmute(high))), "it is no more");
  tap::is(b.mute(1, 30000), std::string(), "taken back: nobody sees it");
}

void sweep(Bench& b) {
  b.say(2, 0, 1000);
  b.server.sql("INSERT INTO revocation (user_id, at) VALUES (1, now() - interval '2 hours'), (2, now())");
  b.pass(3700);
  b.say(3, 0, 1000);
  auto news = tap::run(b.loop, b.board.look(1, 60000, 0));
  tap::ok(news->revocations.size() == 1 && news->revocations[0].user_id == 2, "a revocation of late");
  tap::ok(static_cast<bool>(tap::run(b.loop, b.board.sweep())), "swept");
  tap::is(b.server.number("SELECT sum(origin)::bigint FROM mute"), int64_t{3}, "old leases go");
  tap::is(b.server.number("SELECT sum(user_id)::bigint FROM revocation"), int64_t{2}, "and old revocations");
}

}  // namespace

int main() {
  tap::Postgres server;
  loop::Loop loop;
  const conf::Settings settings = tap::settings(server);
  store::Database database(loop, settings, [](std::string) { std::abort(); });
  tap::until(loop, [&] { return database.up(); });
  Bench bench{server, loop, store::Board(database)};
  leases(bench);
  sweep(bench);
  return tap::done();
}
