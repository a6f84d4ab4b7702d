// Conversations on a real PostgreSQL: two who make the same one at once, what waits for whom, where readers
// stand, what was committed lately, and how a stretch is read.
#include "worker/store/conversations.h"

#include <memory>
#include <sstream>
#include <string>

#include "store.h"
#include "worker/store/messages.h"

namespace {

using store::Conversations;
using store::Direct;
using store::Reader;

struct Bench {
  tap::Postgres& server;
  loop::Loop& loop;
  store::Database& database;
  conf::Settings settings;
  Conversations conversations;

  // Messages that were committed so many seconds before now, in order.
  void commit(int64_t conv, std::initializer_list<int> seconds_ago, int64_t sender = 1) {
    for (const int ago : seconds_ago) {
      const std::string c = std::to_string(conv);
      const int64_t seq = server.number("UPDATE conversation SET last_seq = last_seq + 1 WHERE id = " + c +
                                        " RETURNING last_seq");
      const std::string n = std::to_string(seq);
      server.sql("INSERT INTO message (conv_id, seq, sender_id, key, body, created) VALUES (" + c + ", " + n +
                 ", " + std::to_string(sender) + ", gen_random_uuid(), 'text " + n + "', now() - interval '" +
                 std::to_string(ago) + " seconds')");
    }
  }
  void recv(int64_t user, int64_t conv, int64_t seq) {
    server.sql("UPDATE member SET recv_seq = " + std::to_string(seq) +
               " WHERE user_id = " + std::to_string(user) + " AND conv_id = " + std::to_string(conv));
  }
  Reader reader(int64_t user, int seconds_ago) {
    Reader r;
    r.user = user;
    r.since = server.number("SELECT (extract(epoch FROM now() - interval '" + std::to_string(seconds_ago) +
                            " seconds') * 1000000)::bigint");
    return r;
  }
};

Direct direct(Bench& b, int64_t user, const std::string& peer, bool make) {
  auto found = tap::run(b.loop, b.conversations.direct(user, peer, make));
  return found ? *found : Direct{-1, -1};
}

void made_and_found(Bench& b) {
  const Direct nobody = direct(b, 1, "user2", false);
  tap::ok(nobody.conv == 0 && nobody.peer == 2, "nobody has written yet");
  tap::is(b.conversations.cached_direct(1, "user2").conv, int64_t{0},
          "nor is that remembered as a conversation");
  const Direct made = direct(b, 1, "user2", true);
  tap::ok(made.conv > 0 && made.peer == 2, "made by who writes first");
  tap::is(b.conversations.cached_direct(1, "user2").conv, made.conv, "and remembered");
  Conversations other(b.database, b.settings);
  auto found = tap::run(b.loop, other.direct(2, "user1", false));
  tap::ok(found && found->conv == made.conv && found->peer == 1, "the other finds it");
  tap::is(
      b.server.sql("SELECT user_id FROM member WHERE conv_id = " + std::to_string(made.conv) + " ORDER BY 1"),
      std::string("1 2"), "both are members");
  const Direct notes = direct(b, 3, "user3", true);
  tap::ok(notes.conv > 0 && notes.peer == 3, "notes to oneself");
  tap::is(b.server.sql("SELECT user_id FROM member WHERE conv_id = " + std::to_string(notes.conv)),
          std::string("3"), "have one member");
  auto stranger = tap::run(b.loop, b.conversations.direct(1, "nobody", true));
  tap::ok(!stranger && stranger.error().code == base::Code::no_such_user, "who does not exist");
}

loop::Task<void> make(Conversations& conversations, int64_t user, std::string peer, int64_t& conv) {
  auto found = co_await conversations.direct(user, peer, true);
  conv = found ? found->conv : -1;
}

// Two workers at once, from both sides, twenty times.
void made_by_two(Bench& b) {
  store::Database second(b.loop, b.settings, [](std::string) { std::abort(); });
  tap::until(b.loop, [&] { return second.up(); });
  Conversations here(b.database, b.settings), there(second, b.settings);
  int64_t one[20] = {}, two[20] = {};
  tap::Roots roots(b.loop);
  for (int i = 0; i < 20; ++i) {
    const int peer = 21 + i;
    roots.spawn(make(here, 20, "user" + std::to_string(peer), one[i]));
    roots.spawn(make(there, peer, "user20", two[i]));
  }
  tap::until(b.loop, [&] { return roots.size() == 0; });
  bool same = true;
  for (int i = 0; i < 20; ++i) same &= one[i] > 0 && one[i] == two[i];
  tap::ok(same, "two make the same conversation at once: one is made, both get it");
  tap::is(b.server.number(
              "SELECT count(*) FROM conversation c JOIN member m ON m.conv_id = c.id WHERE c.low = 20"),
          int64_t{40}, "with two members each");
}

// In the middle of making, for longer than the other waits: a statement of ours holds the index.
void made_while_locked(Bench& b) {
  b.server.sql("BEGIN");
  b.server.sql("INSERT INTO conversation (low, high) VALUES (4, 5)");
  int64_t conv = 0;
  tap::Roots roots(b.loop);
  roots.spawn(make(b.conversations, 5, "user4", conv));
  tap::spend(b.loop, 50);
  tap::is(conv, int64_t{0}, "somebody else is making it: waited for");
  b.server.sql("COMMIT");
  tap::until(b.loop, [&] { return conv != 0; });
  tap::is(conv, b.server.number("SELECT id FROM conversation WHERE low = 4 AND high = 5"), "and found");
  tap::is(b.server.number("SELECT count(*) FROM member WHERE conv_id = " + std::to_string(conv)), int64_t{2},
          "with its members, though the other had not yet made them");
}

std::string waiting(Bench& b, Reader reader, int64_t after = 0, int64_t limit = 100) {
  auto found = tap::run(b.loop, b.conversations.waiting(reader, after, limit));
  if (!found) return "failed";
  std::ostringstream out;
  for (const auto& w : *found) out << w.conv << '(' << w.from << ',' << w.last << "] ";
  return out.str();
}

std::string positions(Bench& b, int64_t conv, std::vector<Reader> readers) {
  auto found = tap::run(b.loop, b.conversations.positions(conv, std::move(readers)));
  if (!found) return "failed";
  std::ostringstream out;
  out << found->head << ':';
  for (const int64_t from : found->from) out << ' ' << from;
  return out.str();
}

std::string stretch(int64_t conv, int64_t from, int64_t last) {
  return std::to_string(conv) + "(" + std::to_string(from) + "," + std::to_string(last) + "] ";
}

void what_waits(Bench& b) {
  const int64_t one = tap::add_direct(b.server, 6, 7), two = tap::add_direct(b.server, 6, 8);
  const int64_t empty = tap::add_direct(b.server, 6, 9);
  const Reader now = b.reader(6, 0);
  tap::is(waiting(b, now), std::string(), "nothing waits where nobody has written");
  b.commit(one, {100, 90, 80});
  b.commit(two, {70, 60});
  tap::is(waiting(b, now), stretch(one, 0, 3) + stretch(two, 0, 2),
          "everything waits for who has acknowledged nothing");
  b.recv(6, one, 2);
  b.recv(6, two, 2);
  tap::is(waiting(b, now), stretch(one, 2, 3), "what was acknowledged does not");
  tap::is(waiting(b, b.reader(7, 0)), stretch(one, 0, 3), "the other has read nothing yet");
  tap::is(waiting(b, now, one), std::string(), "a page begins above what was asked");
  b.recv(6, two, 0);
  tap::is(waiting(b, now, 0, 1), stretch(one, 2, 3), "and ends at its limit");
  tap::is(waiting(b, now, one, 1), stretch(two, 0, 2), "the next one goes on");
  tap::is(waiting(b, b.reader(15, 0)), std::string(), "nothing waits for who talks with nobody");
  tap::is(positions(b, one, {now, b.reader(7, 0), b.reader(15, 0)}), std::string("3: 2 0 3"),
          "the same by conversation, in the order asked; a stranger is owed nothing");
  tap::is(positions(b, empty, {now}), std::string("0: 0"), "an empty one");
  tap::is(positions(b, one, {}), std::string("0:"), "asked for nobody");
}

// What was committed after a session was accepted is that session's, though another device has acknowledged
// it.
void since(Bench& b) {
  const int64_t conv = tap::add_direct(b.server, 10, 11);
  b.commit(conv, {100, 90, 50, 40, 10});
  b.recv(10, conv, 5);
  tap::is(waiting(b, b.reader(10, 0)), std::string(), "all was acknowledged before this session");
  tap::is(waiting(b, b.reader(10, 20)), stretch(conv, 4, 5), "one came after that one");
  tap::is(waiting(b, b.reader(10, 60)), stretch(conv, 2, 5), "three after another");
  tap::is(waiting(b, b.reader(10, 1000)), stretch(conv, 0, 5), "all after the oldest");
  tap::is(positions(b, conv, {b.reader(10, 0), b.reader(10, 20), b.reader(10, 60), b.reader(10, 1000)}),
          std::string("5: 5 4 2 0"), "likewise by conversation, for several sessions of one user");
  b.recv(10, conv, 1);
  tap::is(waiting(b, b.reader(10, 20)), stretch(conv, 1, 5), "what was not acknowledged counts from there");
  for (int i = 0; i < 300; ++i) b.commit(conv, {5});
  b.recv(10, conv, 305);
  tap::is(waiting(b, b.reader(10, 20)), stretch(conv, 4, 305), "however many have come since");
}

void since_joining(Bench& b) {
  const int64_t conv = tap::add_direct(b.server, 12, 13);
  b.commit(conv, {100, 90, 50});
  b.server.sql("UPDATE member SET joined_seq = 2 WHERE user_id = 12 AND conv_id = " + std::to_string(conv));
  tap::is(waiting(b, b.reader(12, 0)), stretch(conv, 2, 3), "a member receives what came after joining");
  tap::is(waiting(b, b.reader(12, 1000)), stretch(conv, 2, 3), "however long the session has been there");
  tap::is(positions(b, conv, {b.reader(12, 1000)}), std::string("3: 2"), "likewise by conversation");
}

void recently(Bench& b) {
  b.server.sql("UPDATE message SET created = created - interval '1 day'");
  const int64_t one = tap::add_direct(b.server, 14, 15), two = tap::add_direct(b.server, 14, 14);
  const int64_t group = b.server.number("INSERT INTO conversation DEFAULT VALUES RETURNING id");
  b.commit(one, {100, 3, 1});
  b.commit(two, {50});
  b.commit(group, {2});
  const auto recent = [&b](int64_t window_ms) {
    auto found = tap::run(b.loop, b.conversations.recent(window_ms));
    std::ostringstream out;
    if (found)
      for (const auto& r : *found) out << r.conv << ':' << r.low << ',' << r.high << ',' << r.last << ' ';
    return out.str();
  };
  const std::string of_one = std::to_string(one) + ":14,15,3 ", of_two = std::to_string(two) + ":14,14,1 ",
                    of_group = std::to_string(group) + ":0,0,1 ";
  const std::string lately = recent(30000), longer = recent(70000);
  tap::ok(lately.find(of_one) != std::string::npos && lately.size() == of_one.size() + of_group.size(),
          "what was committed in the last half minute, once each: " + lately);
  tap::ok(lately.find(of_group) != std::string::npos, "a group among it");
  tap::ok(longer.find(of_two) != std::string::npos, "in a longer time, more");
  tap::is(recent(1), std::string(), "in no time, nothing");
}

void head(Bench& b) {
  const int64_t conv = b.server.number("SELECT id FROM conversation WHERE low = 10 AND high = 11");
  tap::is(*tap::run(b.loop, b.conversations.head(conv)), int64_t{305}, "the newest seq");
  tap::is(*tap::run(b.loop, b.conversations.head(999999)), int64_t{0}, "of nothing: 0");
}

std::string read(Bench& b, int64_t conv, int64_t after, int64_t limit, int64_t bytes, int64_t user = 0) {
  store::Messages messages(b.database);
  auto page = tap::run(b.loop, messages.after(conv, after, limit, bytes, user));
  if (!page) return "failed";
  std::ostringstream out;
  for (const auto& m : page->messages) out << m.seq << ' ';
  out << (page->more ? "more" : "end");
  return out.str();
}

void stretches(Bench& b) {
  const int64_t conv = tap::add_direct(b.server, 16, 17);
  b.commit(conv, {9, 8, 7, 6, 5}, 17);
  tap::is(read(b, conv, 0, 100, 100000), std::string("1 2 3 4 5 end"), "a conversation in order");
  tap::is(read(b, conv, 2, 2, 100000), std::string("3 4 more"), "a page of it");
  tap::is(read(b, conv, 4, 2, 100000), std::string("5 end"), "the last");
  tap::is(read(b, conv, 5, 2, 100000), std::string("end"), "and nothing more");
  tap::is(read(b, conv, 0, 100, 13), std::string("1 2 3 more"),
          "as many bytes as asked, and the one that passes them");
  tap::is(read(b, conv, 0, 100, 1), std::string("1 more"), "but always one");
  tap::is(read(b, conv, 0, 100, 100000, 16), std::string("1 2 3 4 5 end"), "for a member");
  tap::is(read(b, conv, 0, 100, 100000, 1), std::string("end"), "for a stranger nothing");
  store::Messages messages(b.database);
  auto page = tap::run(b.loop, messages.after(conv, 4, 1, 1000, 0));
  const store::Message& m = page->messages.at(0);
  tap::is(m.from + " " + m.to + " " + m.text + " [" + m.cid + "]", std::string("user17 @user16 text 5 []"),
          "who, to whom, what");
  tap::ok(m.ts > base::wall_ms() - 3600000 && m.ts < base::wall_ms(), "and when");
}

}  // namespace

int main() {
  tap::Postgres server;
  tap::add_users(server, 50);
  loop::Loop loop;
  const conf::Settings settings = tap::settings(server);
  store::Database database(loop, settings, [](std::string) { std::abort(); });
  tap::until(loop, [&] { return database.up(); });
  Bench bench{server, loop, database, settings, Conversations(database, settings)};
  made_and_found(bench);
  made_by_two(bench);
  made_while_locked(bench);
  what_waits(bench);
  since(bench);
  since_joining(bench);
  recently(bench);
  head(bench);
  stretches(bench);
  return tap::done();
}
