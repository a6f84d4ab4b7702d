// Acks on a real PostgreSQL: gathered, written once, never backwards; a flush waits for the others, and what
// it could not write, or had no time for, is not forgotten.
#include "worker/store/acks.h"

#include <memory>
#include <string>

#include "store.h"

namespace {

using store::Acks;

struct Bench {
  tap::Postgres& server;
  loop::Loop& loop;
  store::Database& database;
  conf::Settings settings;
  // "recv_seq ..." of a user, by conversation.
  std::string recv(int64_t user, const std::string& where = "true") {
    return server.sql("SELECT recv_seq FROM member WHERE user_id = " + std::to_string(user) + " AND " +
                      where + " ORDER BY conv_id");
  }
};

bool flush(Bench& b, Acks& acks) {
  auto written = tap::run(b.loop, acks.flush());
  return static_cast<bool>(written);
}

void gathered(Bench& b) {
  Acks acks(b.loop, b.database, b.settings);
  acks.note(1, 1, 5);
  acks.note(1, 1, 9);
  acks.note(1, 1, 7);
  acks.note(1, 2, 3);
  acks.note(2, 1, 4);
  tap::is(acks.pending(), size_t{3}, "per user and conversation one is kept");
  tap::is(b.recv(1, "conv_id < 4"), std::string("0 0 0"), "in memory");
  tap::ok(flush(b, acks) && acks.pending() == 0, "flushed");
  tap::is(b.recv(1, "conv_id < 4"), std::string("9 3 0"), "the highest is written, by conversation");
  tap::is(b.recv(2, "conv_id < 4"), std::string("4"), "and user");
  acks.note(1, 1, 8);
  acks.note(1, 3, 1);
  acks.note(77, 1, 1);
  acks.note(1, 7777, 1);
  tap::ok(flush(b, acks), "a lower one, and strangers");
  tap::is(b.recv(1, "conv_id < 4"), std::string("9 3 1"), "it never goes back");
  tap::ok(flush(b, acks), "nothing to write");
}

void reads(Bench& b) {
  std::string told;
  const auto on_read = [&told](const store::Read& r) {
    told += r.name + " " + r.to + " " + std::to_string(r.peer) + " " + std::to_string(r.members) + " " +
            std::to_string(r.seq) + " by " + std::to_string(r.session) + ", ";
  };
  Acks acks(b.loop, b.database, b.settings, on_read);
  acks.note_read(1, 2, 4, 11);
  acks.note_read(1, 2, 6, 12);
  acks.note_read(1, 2, 5, 13);
  acks.note(1, 2, 8);
  acks.note(1, 3, 7);
  tap::ok(flush(b, acks), "reads, and acks among them");
  tap::is(told, std::string("user1 #tea 0 7 6 by 12, "), "the highest is told, once, and no ack");
  tap::is(b.server.sql("SELECT recv_seq, read_seq FROM member WHERE user_id = 1 AND conv_id = 2"),
          std::string("8|6"), "both marks are written");
  told.clear();
  acks.note_read(1, 2, 6, 14);
  acks.note_read(1, 2, 3, 14);
  acks.note_read(77, 2, 3, 14);
  tap::ok(flush(b, acks) && told.empty(), "a mark that does not move is not told, nor a stranger's");
  const auto row = [&b] {
    return b.server.sql("SELECT recv_seq, read_seq, ctid FROM member WHERE user_id = 1 AND conv_id = 2");
  };
  const std::string before = row();
  acks.note(1, 2, 8);
  tap::ok(flush(b, acks) && row() == before, "a row that does not move is not written");
  acks.note_read(1, 2, 7, 16);
  flush(b, acks);
  tap::ok(row().starts_with("8|7|"), "reading what was acknowledged takes nothing back of it");
  acks.note(1, 2, 9);
  flush(b, acks);
  tap::ok(row().starts_with("9|7|"), "nor an ack of what was read");
  told.clear();
  acks.note_read(2, 1, 9, 15);
  tap::ok(flush(b, acks), "the same in a conversation of two");
  tap::is(told, std::string("user2 @user4 4 0 9 by 15, "), "as the reader names it");
}

void many(Bench& b) {
  Acks acks(b.loop, b.database, b.settings);
  for (int64_t conv = 10; conv < 2210; ++conv) acks.note(3, conv, conv);
  tap::ok(flush(b, acks), "2,200 of one user");
  tap::is(b.server.number("SELECT count(*) FROM member WHERE user_id = 3 AND recv_seq = conv_id"),
          int64_t{2200}, "are all written");
  conf::Settings few = b.settings;
  few.gates = 10;
  Acks small(b.loop, b.database, few);
  for (int64_t conv = 10; conv < 30; ++conv) small.note(3, conv, 10000);
  small.note(3, 12, 10001);
  tap::is(small.pending(), size_t{10}, "beyond the bound they are dropped");
  flush(b, small);
  tap::is(b.server.sql("SELECT count(*), max(recv_seq) FROM member WHERE user_id = 3 AND recv_seq >= 10000"),
          std::string("10|10001"), "those within it are written, and still rise");
}

loop::Task<void> flush_and_look(Bench& b, Acks& acks, std::string& seen) {
  auto written = co_await acks.flush();
  if (written) seen = b.recv(4, "conv_id = 1");
  if (!written) seen = "failed";
}

// The row is locked by somebody: the writing takes as long as that.
struct Lock {
  explicit Lock(tap::Postgres& server, int64_t user) : server(server) {
    server.sql("BEGIN");
    server.sql("SELECT 1 FROM member WHERE conv_id = 1 AND user_id = " + std::to_string(user) +
               " FOR UPDATE");
  }
  void release() { server.sql("COMMIT"); }
  tap::Postgres& server;
};

void each_other(Bench& b) {
  Acks acks(b.loop, b.database, b.settings);
  std::string first, second;
  Lock lock(b.server, 4);
  acks.note(4, 1, 6);
  tap::Roots roots(b.loop);
  roots.spawn(flush_and_look(b, acks, first));
  tap::spend(b.loop, 30);
  roots.spawn(flush_and_look(b, acks, second));
  acks.note(4, 1, 7);
  tap::spend(b.loop, 30);
  tap::is(second, std::string(), "what another flush is writing is waited for");
  lock.release();
  tap::until(b.loop, [&] { return !first.empty() && !second.empty(); });
  tap::is(first + " " + second, std::string("6 6"), "until it is written");
  tap::is(acks.pending(), size_t{1}, "what came meanwhile is left to the next");
  tap::ok(flush(b, acks), "which takes it");
}

void cancelled(Bench& b) {
  Acks acks(b.loop, b.database, b.settings);
  std::string seen, other;
  Lock lock(b.server, 4);
  tap::Roots others(b.loop);
  {
    tap::Roots roots(b.loop);
    acks.note(4, 1, 20);
    roots.spawn(flush_and_look(b, acks, seen));
    tap::spend(b.loop, 30);
    others.spawn(flush_and_look(b, acks, other));
    acks.note(4, 1, 19);
    tap::is(acks.pending(), size_t{1}, "one is being written, one is new");
  }
  tap::is(acks.pending(), size_t{1}, "cancelled: what may not be written is noted again");
  tap::until(b.loop, [&] { return !other.empty(); });
  tap::ok(seen.empty(), "who waited behind it goes on");
  lock.release();
  tap::ok(flush(b, acks), "flushed");
  tap::is(b.recv(4, "conv_id = 1"), std::string("20"), "the higher of the two is written");
}

void outlived(Bench& b) {
  std::string seen;
  tap::Roots roots(b.loop);
  auto acks = std::make_unique<Acks>(b.loop, b.database, b.settings);
  Lock lock(b.server, 4);
  acks->note(4, 1, 21);
  roots.spawn(flush_and_look(b, *acks, seen));
  tap::spend(b.loop, 30);
  acks.reset();
  lock.release();
  tap::ok(true, "a session's flush may die after the acks themselves");
}

// Two workers write the same rows at the same time, again and again.
void no_deadlock(Bench& b) {
  Acks one(b.loop, b.database, b.settings), two(b.loop, b.database, b.settings);
  int failed = 0, ended = 0;
  const auto flushing = [](Acks& acks, int& failures, int& ends) -> loop::Task<void> {
    auto written = co_await acks.flush();
    if (!written) ++failures;
    ++ends;
  };
  const std::string before = b.server.sql("SELECT deadlocks FROM pg_stat_database WHERE datname = 'chatd'");
  tap::Roots roots(b.loop);
  for (int round = 1; round <= 20; ++round) {
    for (int64_t conv = 10; conv < 410; ++conv) {
      one.note(3, conv, 20000 + 2 * round);
      two.note(3, 419 - conv, 20000 + 2 * round + 1);
      two.note(3, conv, 20000 + 2 * round + 1);
    }
    roots.spawn(flushing(one, failed, ended));
    roots.spawn(flushing(two, failed, ended));
    if (round % 4 == 0) tap::until(b.loop, [&] { return ended == 2 * round; });
  }
  tap::until(b.loop, [&] { return ended == 40; });
  tap::is(failed, 0, "two that write the same rows never fail");
  tap::is(b.server.sql("SELECT deadlocks FROM pg_stat_database WHERE datname = 'chatd'"), before,
          "nor wait for each other in a ring");
}

void by_itself(Bench& b) {
  Acks acks(b.loop, b.database, b.settings);
  tap::Roots roots(b.loop);
  roots.spawn(acks.run());
  acks.note(5, 1, 3);
  tap::ok(tap::until(b.loop, [&] { return b.recv(5, "conv_id = 1") == "3"; }), "run() writes by itself");
  acks.note(5, 1, 4);
  tap::ok(tap::until(b.loop, [&] { return b.recv(5, "conv_id = 1") == "4"; }), "again and again");
}

void away(Bench& b) {
  Acks acks(b.loop, b.database, b.settings);
  b.server.stop(tap::Postgres::How::fast);
  tap::until(b.loop, [&] { return !b.database.up(); });
  for (int64_t conv = 10; conv < 1210; ++conv) acks.note(3, conv, 50000);
  acks.note(5, 1, 9);
  tap::ok(!flush(b, acks), "the store is away: a flush fails");
  tap::is(acks.pending(), size_t{1201}, "nothing is forgotten");
  tap::Roots roots(b.loop);
  roots.spawn(acks.run());
  b.server.start();
  tap::ok(tap::until(b.loop, [&] { return b.recv(5, "conv_id = 1") == "9"; }), "it is back: written");
}

}  // namespace

int main() {
  tap::Postgres server;
  tap::add_users(server, 10);
  server.sql("INSERT INTO conversation (low, high) SELECT NULL, NULL FROM generate_series(1, 2300)");
  server.sql("UPDATE conversation SET low = 2, high = 4 WHERE id = 1");
  server.sql("INSERT INTO groups (conv_id, name, owner_id, members) VALUES (2, 'tea', 1, 7)");
  server.sql("INSERT INTO member (user_id, conv_id) SELECT u, 1 FROM unnest(ARRAY[1, 2, 4, 5]) u");
  server.sql("INSERT INTO member (user_id, conv_id) SELECT 1, c FROM unnest(ARRAY[2, 3]) c");
  server.sql("INSERT INTO member (user_id, conv_id) SELECT 3, c FROM generate_series(10, 2209) c");
  loop::Loop loop;
  conf::Settings settings = tap::settings(server);
  settings.postgres_timeout = 2000;
  store::Database database(loop, settings, [](std::string) { std::abort(); });
  tap::until(loop, [&] { return database.up(); });
  Bench bench{server, loop, database, settings};
  gathered(bench);
  reads(bench);
  many(bench);
  each_other(bench);
  cancelled(bench);
  outlived(bench);
  no_deadlock(bench);
  by_itself(bench);
  away(bench);
  return tap::done();
}
