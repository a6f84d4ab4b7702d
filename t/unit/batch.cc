// The batch on a real PostgreSQL: order, numbers without gaps, the same message again, the right to send,
// what the server refuses, and the bounds. batch_away.cc is about a server that fails.
#include "worker/store/batch.h"

#include <algorithm>
#include <random>
#include <set>
#include <string>

#include "store.h"

namespace {

using tap::Sender;

struct Bench {
  tap::Postgres& server;
  loop::Loop& loop;
  Sender& sender;
};

int64_t seq(const std::shared_ptr<Sender::Done>& done) {
  return done->ok() ? done->result->seq : 0;
}

base::Code code(const std::shared_ptr<Sender::Done>& done) {
  return done->ok() ? base::Code::bad_json : done->result.error().code;
}

std::string count(tap::Postgres& server, int64_t conv) {
  return server.sql("SELECT count(*) FROM message WHERE conv_id = " + std::to_string(conv));
}

void in_order(Bench& b) {
  const int64_t one = tap::add_direct(b.server, 1, 2), two = tap::add_direct(b.server, 1, 3);
  std::vector<std::shared_ptr<Sender::Done>> all;
  for (int i = 1; i <= 300; ++i)
    all.push_back(b.sender.send(i % 3 == 0 ? two : one, 1, "text " + std::to_string(i)));
  b.sender.settle();
  int64_t last_one = 0, last_two = 0;
  bool ordered = true;
  for (const auto& done : all) {
    int64_t& last = done->send.conv == one ? last_one : last_two;
    ordered &= done->ok() && done->result->seq == ++last && !done->result->duplicate;
  }
  tap::ok(ordered && last_one == 200 && last_two == 100, "300 messages: each conversation counts for itself");
  tap::is(b.sender.committed.size(), size_t{300}, "each was told once");
  last_one = last_two = 0;
  for (const auto& [send, sent] : b.sender.committed)
    ordered &= sent.seq == ++(send.conv == one ? last_one : last_two);
  tap::ok(ordered, "in the order of seq");
  tap::ok(tap::gapless(b.server), "and so they lie in the store");
  const std::string rows = b.server.sql("SELECT body FROM message WHERE conv_id = " + std::to_string(two) +
                                        " ORDER BY seq LIMIT 3");
  tap::is(rows, std::string("text 3 text 6 text 9"), "in the order in which they were sent");
}

void what_is_stored(Bench& b) {
  const int64_t conv = tap::add_direct(b.server, 1, 4);
  b.server.sql("UPDATE conversation SET epoch = 7 WHERE id = " + std::to_string(conv));
  const int64_t before = base::wall_ms();
  const auto with = b.sender.send(conv, 4, "h\xC3\xA4 'x' \\ \n", tap::key("k1"), "my cid");
  const auto without = b.sender.send(conv, 1, "", tap::key("k2"));
  b.sender.settle();
  tap::ok(with->ok() && with->result->epoch == 7, "the membership's epoch comes back");
  tap::ok(with->result->ts >= before - 1000 && with->result->ts <= base::wall_ms() + 1000, "and the time");
  const std::string where = " FROM message WHERE conv_id = " + std::to_string(conv) + " ORDER BY seq";
  tap::is(b.server.sql("SELECT sender_id, coalesce(cid, 'null')" + where), std::string("4|my cid 1|null"),
          "the sender and the cid are kept");
  tap::is(b.server.sql("SELECT body" + where + " LIMIT 1"), std::string("h\xC3\xA4 'x' \\ \n"),
          "the text is");
  tap::is(b.server.number("SELECT floor(extract(epoch FROM created) * 1000)::bigint" + where + " LIMIT 1"),
          with->result->ts, "the time is the one that was told");
  tap::ok(without->ok(), "an empty text is the handler's affair");
}

void again(Bench& b) {
  const int64_t conv = tap::add_direct(b.server, 2, 3), other = tap::add_direct(b.server, 2, 4);
  const std::string key = tap::key("same");
  const size_t told = b.sender.committed.size();
  const auto first = b.sender.send(conv, 2, "first", key, "c");
  std::vector<std::shared_ptr<Sender::Done>> repeats;
  for (int i = 0; i < 50; ++i) repeats.push_back(b.sender.send(conv, 2, "another text", key, "c"));
  const auto by_peer = b.sender.send(conv, 3, "by the other", key, "c");
  const auto elsewhere = b.sender.send(other, 2, "elsewhere", key, "c");
  b.sender.settle();
  tap::ok(first->ok() && !first->result->duplicate && seq(first) == 1, "the first is stored");
  const bool same = std::all_of(repeats.begin(), repeats.end(), [&](const auto& r) {
    return r->ok() && r->result->duplicate && r->result->seq == 1 && r->result->ts == first->result->ts;
  });
  tap::ok(same, "fifty repeats in one batch get its seq and time, as duplicates");
  tap::ok(seq(by_peer) == 2 && !by_peer->result->duplicate, "another sender's is another message");
  tap::ok(seq(elsewhere) == 1 && !elsewhere->result->duplicate, "in another conversation too");
  const auto later = b.sender.send(conv, 2, "much later", key, "c");
  b.sender.settle();
  tap::ok(seq(later) == 1 && later->result->duplicate && later->result->ts == first->result->ts,
          "a repeat in a later batch likewise");
  tap::is(b.server.sql("SELECT body FROM message WHERE seq = 1 AND conv_id = " + std::to_string(conv)),
          std::string("first"), "the first text stays");
  tap::is(count(b.server, conv), std::string("2"), "nothing is there twice");
  const auto duplicate_told = [](const auto& c) { return c.second.duplicate; };
  tap::is(std::count_if(b.sender.committed.begin() + static_cast<std::ptrdiff_t>(told),
                        b.sender.committed.end(), duplicate_told),
          std::ptrdiff_t{1}, "a duplicate that the store found is told once more");
}

// Two workers are sent the same messages at the same time.
void again_elsewhere(Bench& b) {
  Sender other(b.loop, tap::settings(b.server));
  other.up();
  const int64_t conv = tap::add_direct(b.server, 3, 4);
  std::vector<std::shared_ptr<Sender::Done>> here, there;
  for (int i = 0; i < 400; ++i) {
    const std::string text = "both " + std::to_string(i);
    here.push_back(b.sender.send(conv, 3, text, tap::key(text)));
    there.push_back(other.send(conv, 3, text, tap::key(text)));
    if (i % 10 == 0) b.loop.turn(false);
  }
  b.sender.settle();
  other.settle();
  bool same = true;
  for (size_t i = 0; i < here.size(); ++i)
    same &= here[i]->ok() && there[i]->ok() && seq(here[i]) == seq(there[i]) &&
            here[i]->result->ts == there[i]->result->ts &&
            here[i]->result->duplicate != there[i]->result->duplicate;
  tap::ok(same, "400 messages by way of two batches: one is first, both get the same seq");
  tap::is(count(b.server, conv), std::string("400"), "each is stored once");
  tap::ok(tap::gapless(b.server), "and there is no gap");
}

void right_to_send(Bench& b) {
  const int64_t conv = tap::add_direct(b.server, 4, 5);
  const auto first = b.sender.send(conv, 4, "a member", tap::key("m1"));
  const auto stranger = b.sender.send(conv, 1, "a stranger", tap::key("m2"));
  const auto second = b.sender.send(conv, 5, "a member", tap::key("m3"));
  const auto nowhere = b.sender.send(999999, 1, "nowhere", tap::key("m4"));
  b.sender.settle();
  tap::ok(code(stranger) == base::Code::not_member, "who is no member may not send");
  tap::ok(code(nowhere) == base::Code::not_member, "nor may anybody where there is no conversation");
  tap::ok(seq(first) == 1 && seq(second) == 2, "and takes no number");
  b.server.sql("DELETE FROM member WHERE user_id = 4 AND conv_id = " + std::to_string(conv));
  const auto repeat = b.sender.send(conv, 4, "again", tap::key("m1"));
  const auto fresh = b.sender.send(conv, 4, "something new", tap::key("m5"));
  b.sender.settle();
  tap::ok(seq(repeat) == 1 && repeat->result->duplicate, "who has left still gets the answer to a repeat");
  tap::ok(code(fresh) == base::Code::not_member, "but sends nothing new");
  tap::is(count(b.server, conv), std::string("2"), "two are stored");
}

// Bytes that the server refuses: nobody else in the batch suffers. (The wire never lets them through.)
void poisoned(Bench& b) {
  const int64_t conv = tap::add_direct(b.server, 5, 6);
  std::vector<std::shared_ptr<Sender::Done>> all;
  const std::set<int> bad = {0, 17, 18, 63, 99};
  for (int i = 0; i < 100; ++i)
    all.push_back(b.sender.send(conv, 5, bad.contains(i) ? "\xFF\xFE" : "text " + std::to_string(i)));
  const auto follower = b.sender.send(conv, 5, "x", all[17]->send.key);
  b.sender.settle();
  int64_t last = 0;
  bool right = true;
  for (int i = 0; i < 100; ++i) {
    const auto& done = all[static_cast<size_t>(i)];
    right &= bad.contains(i) ? code(done) == base::Code::internal : seq(done) == ++last;
  }
  tap::ok(right, "five that the server refuses, among a hundred: the others are stored, in order");
  tap::ok(code(follower) == base::Code::internal || follower->ok(), "a repeat of one is answered");
  tap::ok(tap::gapless(b.server), "without gaps");
}

void nobody_waits(Bench& b) {
  const int64_t conv = tap::add_direct(b.server, 6, 6);
  const size_t told = b.sender.committed.size();
  for (int i = 0; i < 20; ++i) {
    store::Send send;
    send.conv = conv;
    send.sender = 6;
    send.key = tap::key("nobody " + std::to_string(i));
    send.text = "x";
    b.sender.batch().add(std::move(send));
  }
  tap::ok(!b.sender.batch().idle(), "a batch with messages is not idle");
  tap::until(b.loop, [&] { return b.sender.batch().idle(); });
  tap::is(count(b.server, conv), std::string("20"), "what nobody waits for is stored all the same");
  tap::is(b.sender.committed.size() - told, size_t{20}, "and told");
}

// Transactions are counted by the time they gave their messages: a batch has one.
void bounds(Bench& b) {
  conf::Settings s = tap::settings(b.server);
  s.batch_messages = 10;
  s.batch_bytes = 64 << 10;
  s.batch_queue = 100;
  Sender small(b.loop, s);
  small.up();
  const int64_t conv = tap::add_direct(b.server, 1, 6);
  std::vector<std::shared_ptr<Sender::Done>> all;
  for (int i = 0; i < 105; ++i) all.push_back(small.send(conv, 1, "x"));
  tap::is(small.batch().waiting(), size_t{100}, "as many wait as may");
  tap::ok(all[104]->answered && code(all[104]) == base::Code::unavailable, "the next are refused at once");
  tap::ok(!all[104]->result.error().maybe, "and nothing of them is kept");
  small.settle();
  tap::is(count(b.server, conv), std::string("100"), "the hundred are stored");
  const std::string batches = "SELECT count(DISTINCT created) FROM message WHERE conv_id = ";
  tap::is(b.server.number(batches + std::to_string(conv)), int64_t{10}, "ten at once");
  const int64_t big = tap::add_direct(b.server, 2, 6);
  for (int i = 0; i < 8; ++i) small.send(big, 2, std::string(30000, 'x'));
  const auto huge = small.send(big, 2, std::string(200000, 'x'));
  small.settle();
  tap::is(b.server.number(batches + std::to_string(big)), int64_t{5}, "or as many bytes as may be");
  tap::ok(huge->ok(), "one that is bigger than that goes alone");
}

// Everything at once, from three workers.
void at_random(Bench& b) {
  std::mt19937 random(4711);
  std::vector<std::unique_ptr<Sender>> senders;
  for (int i = 0; i < 3; ++i) senders.push_back(std::make_unique<Sender>(b.loop, tap::settings(b.server)));
  std::vector<int64_t> convs;
  for (int peer = 7; peer <= 18; ++peer) convs.push_back(tap::add_direct(b.server, 1, peer));
  std::vector<std::shared_ptr<Sender::Done>> all;
  for (int i = 0; i < 6000; ++i) {
    const std::string key = random() % 5 == 0 ? tap::key("r" + std::to_string(random() % 50)) : "";
    all.push_back(senders[random() % 3]->send(convs[random() % convs.size()], 1, "x", key));
    if (i % 50 == 0) b.loop.turn(false);
  }
  for (const auto& sender : senders) sender->settle();
  std::set<std::pair<int64_t, int64_t>> fresh;
  bool ok = true;
  for (const auto& done : all) {
    ok &= done->ok();
    if (done->ok() && !done->result->duplicate)
      ok &= fresh.emplace(done->send.conv, done->result->seq).second;
  }
  tap::ok(ok, "6,000 from three workers at random: all answered, no seq given twice");
  const int64_t stored = b.server.number(
      "SELECT count(*) FROM message m JOIN conversation c ON c.id = m.conv_id "
      "WHERE c.low = 1 AND c.high >= 7");
  tap::is(stored, static_cast<int64_t>(fresh.size()), "as many are stored as were acknowledged as new");
  tap::ok(tap::gapless(b.server), "without gaps");
}

}  // namespace

int main() {
  tap::Postgres server;
  tap::add_users(server, 20);
  loop::Loop loop;
  Sender sender(loop, tap::settings(server));
  sender.up();
  Bench bench{server, loop, sender};
  in_order(bench);
  what_is_stored(bench);
  again(bench);
  again_elsewhere(bench);
  right_to_send(bench);
  poisoned(bench);
  nobody_waits(bench);
  bounds(bench);
  at_random(bench);
  return tap::done();
}
