// The checker: made-up histories, one for each kind of fault, in each of which it finds that one and nothing
// else; and clean ones, in which it finds nothing.
#include "bench/check.h"

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <string>

#include "tap.h"

namespace {

using bench::Conv;
using bench::Fault;
using bench::Names;
using bench::Record;
using bench::Stored;
using bench::Verdict;
using Kind = bench::Record::Kind;

constexpr int32_t ann = 0;
constexpr int32_t bob = 1;
constexpr int32_t cid = 2;
const Conv pair{ann, bob};
const Conv group{bench::nobody, 0};
const bench::Users users = {{"ann", ""}, {"bob", ""}, {"cid", ""}};
const std::string run = "b1";
const Names names(users, run);

uint32_t text_of(int32_t number) {
  return bench::digest("text " + std::to_string(number));
}

struct History {
  std::vector<Record> records;
  Stored stored;

  Record& add(Kind kind, int64_t time_us, int32_t who, Conv conv, int32_t number, int32_t seq) {
    Record& record = records.emplace_back();
    record.kind = kind;
    record.time_us = time_us;
    record.who = who;
    record.conv = conv;
    record.number = number;
    record.seq = seq;
    if (number >= 0) record.text = text_of(number);
    return record;
  }
  void deliver(int32_t to, int32_t from, Conv conv, int32_t number, int32_t seq, int64_t time_us = 0) {
    add(Kind::delivery, time_us, to, conv, number, seq).from = from;
  }
  void store(Conv conv, int32_t from, int32_t number, int64_t seq) {
    stored.messages.push_back({conv, seq, from, number, text_of(number)});
  }
  Stored::Message& message(int32_t number) {
    for (Stored::Message& m : stored.messages)
      if (m.number == number) return m;
    throw std::logic_error("no such message");
  }
  // The first of its kind with this number that `who` has.
  std::vector<Record>::iterator find(Kind kind, int32_t number, int32_t who) {
    return std::find_if(records.begin(), records.end(), [&](const Record& r) {
      return r.kind == kind && r.number == number && r.who == who;
    });
  }
  void drop_message(int32_t number) {
    std::erase_if(stored.messages, [number](const Stored::Message& m) { return m.number == number; });
  }
  Verdict check() const { return bench::check(records, stored, names); }
};

// ann writes 0, 1, 2 to bob as seq 4, 5, 6: what is below is of an earlier run. In the group, where ann and
// bob are members and cid was one up to seq 1, ann writes 10 and bob 11.
History clean() {
  History h;
  for (int32_t number = 0; number < 3; ++number) {
    h.add(Kind::send, 100 * number, ann, pair, number, -1);
    h.add(Kind::ok, 100 * number + 20, ann, pair, number, 4 + number);
    h.deliver(bob, ann, pair, number, 4 + number, 30);
    h.store(pair, ann, number, 4 + number);
  }
  h.add(Kind::ack, 300, bob, pair, -1, 6);
  h.add(Kind::send, 300, ann, group, 10, -1);
  h.add(Kind::send, 310, bob, group, 11, -1);
  h.add(Kind::ok, 340, ann, group, 10, 1);
  h.add(Kind::ok, 350, bob, group, 11, 2);
  for (const int32_t reader : {bob, cid}) h.deliver(reader, ann, group, 10, 1, 50);
  h.deliver(ann, bob, group, 11, 2, 60);
  h.store(group, ann, 10, 1);
  h.store(group, bob, 11, 2);
  h.stored.conversations = {{pair, 6, 6, 1, 6}, {group, 2, 2, 1, 2}};
  h.stored.memberships = {{pair, ann, 0, INT64_MAX, 0},
                          {pair, bob, 0, INT64_MAX, 6},
                          {group, ann, 0, INT64_MAX, 0},
                          {group, bob, 0, INT64_MAX, 0},
                          {group, cid, 0, 1, 0}};
  return h;
}

std::string faults_of(const Verdict& verdict) {
  std::string out;
  for (size_t i = 0; i < bench::fault_words.size(); ++i)
    if (verdict.faults[i] > 0)
      out += std::string(bench::fault_words[i].name) + " " + std::to_string(verdict.faults[i]) + " ";
  return out;
}

void is_clean(const std::string& what, const std::function<void(History&)>& change) {
  History h = clean();
  change(h);
  const Verdict verdict = h.check();
  tap::is(faults_of(verdict), std::string(), what);
  tap::ok(verdict.good(), "is good");
}

// `change` makes `expected`: "NAME COUNT ".
void finds(const std::string& expected, const std::string& what,
           const std::function<void(History&)>& change) {
  History h = clean();
  change(h);
  const Verdict verdict = h.check();
  tap::is(faults_of(verdict), expected, what);
  tap::ok(!verdict.good(), "is not good");
  for (size_t i = 0; i < verdict.faults.size(); ++i)
    if (verdict.faults[i] > 0) tap::ok(!verdict.first[i].empty(), "told: " + verdict.first[i].front());
}

void test_clean() {
  const Verdict verdict = clean().check();
  tap::is(faults_of(verdict), std::string(), "a clean history");
  tap::is(verdict.sent, 5, "sent");
  tap::is(verdict.acknowledged, 5, "acknowledged");
  tap::is(verdict.stored, 5, "stored");
  tap::is(verdict.delivered, 6, "delivered");
  tap::is(verdict.longest_delivery_us, 60, "the slowest delivery");
  tap::is(verdict.longest_silence_us, 40, "the longest time without an ok");

  is_clean("nothing at all", [](History& h) { h = History(); });
  is_clean("what was refused and is not there", [](History& h) {
    h.add(Kind::send, 400, ann, pair, 3, -1);
    h.add(Kind::put_off, 410, ann, pair, 3, -1);
    h.add(Kind::refused, 420, ann, pair, 3, -1);
  });
  is_clean("a message that comes again, late", [](History& h) { h.deliver(bob, ann, pair, 0, 4); });
  is_clean("one's own message as an event, late", [](History& h) { h.deliver(ann, ann, pair, 0, 4); });
  is_clean("what waited from an earlier run", [](History& h) { h.deliver(bob, ann, pair, -1, 2); });
  is_clean("strangers' messages", [](History& h) { h.deliver(bob, bench::nobody, Conv{}, -1, 9); });
  is_clean("joined between two messages", [](History& h) {
    h.stored.memberships.push_back({group, cid, 1, INT64_MAX, 1});
    h.deliver(cid, bob, group, 11, 2);
  });
}

void test_sends() {
  finds("lost 1 phantom 1 ", "acknowledged, delivered, not stored", [](History& h) {
    h.drop_message(2);
    h.stored.conversations[0] = {pair, 5, 5, 1, 5};
    h.stored.memberships[1].recv_seq = 5;
  });
  finds("lost 1 ", "acknowledged, and nowhere", [](History& h) {
    h.add(Kind::send, 400, bob, pair, 20, -1);
    h.add(Kind::ok, 410, bob, pair, 20, 7);
  });
  finds("open 1 ", "a send without an answer", [](History& h) {
    h.add(Kind::send, 400, bob, pair, 20, -1);
    h.add(Kind::put_off, 410, bob, pair, 20, -1);
  });
  finds("doubled 1 ", "stored twice, shown twice", [](History& h) {
    h.store(pair, ann, 0, 7);
    h.deliver(bob, ann, pair, 0, 7);
    h.stored.conversations[0] = {pair, 7, 7, 1, 7};
    h.find(Kind::ok, 0, ann)->seq = 7;
  });
  finds("mismatched 1 ", "acknowledged with another seq",
        [](History& h) { h.find(Kind::ok, 0, ann)->seq = 5; });
  finds("mismatched 1 ", "acknowledged with two",
        [](History& h) { h.records.insert(h.records.begin() + 1, *h.find(Kind::ok, 0, ann))->seq = 5; });
  finds("mismatched 1 ", "refused, and stored",
        [](History& h) { h.find(Kind::ok, 0, ann)->kind = Kind::refused; });
  finds("mismatched 1 ", "stored, delivered, and never sent", [](History& h) {
    h.store(pair, ann, 50, 7);
    h.deliver(bob, ann, pair, 50, 7);
    h.stored.conversations[0] = {pair, 7, 7, 1, 7};
  });
  finds("mismatched 1 ", "an answer to what was never sent",
        [](History& h) { h.add(Kind::ok, 400, ann, pair, 50, 7); });
  finds("mismatched 1 ", "stored in another's name", [](History& h) {
    h.message(11).from = cid;
    h.find(Kind::delivery, 11, ann)->from = cid;
    h.deliver(bob, cid, group, 11, 2);
  });
  finds("altered 2 ", "stored with another text than was sent and delivered",
        [](History& h) { h.message(1).text = 7; });
}

void test_conversations() {
  finds("gaps 1 ", "a seq that is missing", [](History& h) { h.stored.conversations[0].count = 5; });
  finds("gaps 1 ", "a counter ahead of its messages",
        [](History& h) { h.stored.conversations[0].last_seq = 7; });
  finds("gaps 1 ", "a conversation that begins at 2", [](History& h) {
    h.stored.conversations[0] = {pair, 6, 6, 2, 6};
  });
}

void test_deliveries() {
  finds("undelivered 1 ", "a message that bob never saw",
        [](History& h) { h.records.erase(h.find(Kind::delivery, 1, bob)); });
  finds("undelivered 3 ", "bob saw nothing", [](History& h) {
    std::erase_if(h.records,
                  [](const Record& r) { return r.kind == Kind::delivery && r.who == bob && r.conv == pair; });
  });
  finds("disordered 1 ", "two in the wrong order",
        [](History& h) { std::swap(*h.find(Kind::delivery, 0, bob), *h.find(Kind::delivery, 1, bob)); });
  finds("misdelivered 1 ", "a message of others", [](History& h) { h.deliver(cid, ann, pair, 1, 5); });
  finds("misdelivered 1 ", "a group's message after leaving it",
        [](History& h) { h.deliver(cid, bob, group, 11, 2); });
  finds("phantom 1 ", "delivered, and not stored", [](History& h) { h.deliver(bob, ann, pair, 3, 7); });
  finds("phantom 1 ", "to a conversation without any", [](History& h) {
    h.deliver(bob, cid, Conv{bob, cid}, 3, 1);
  });
  finds("altered 1 ", "a text that changed", [](History& h) { h.find(Kind::delivery, 1, bob)->text = 7; });
  finds("altered 1 ", "another sender", [](History& h) { h.find(Kind::delivery, 10, bob)->from = cid; });
  finds("over_acked 1 ", "the server acknowledges more than the client did",
        [](History& h) { h.find(Kind::ack, -1, bob)->seq = 5; });
}

void test_first_offenders() {
  History h = clean();
  for (int32_t number = 100; number < 120; ++number) h.add(Kind::send, 400, ann, pair, number, -1);
  const Verdict verdict = h.check();
  tap::is(verdict.count(Fault::open), 20, "all are counted");
  tap::is(verdict.first[static_cast<size_t>(Fault::open)].size(), Verdict::shown, "the first are told");
  tap::is(verdict.first[static_cast<size_t>(Fault::open)].front(),
          std::string("message 100 of @ann to @ann and @bob"), "by name");
}

void test_names() {
  tap::ok(names.conversation(bob, "@ann") == pair && names.conversation(ann, "@bob") == pair,
          "the same pair from both sides");
  tap::ok(names.conversation(cid, "#b1-0") == group, "a group of the run");
  for (const char* other : {"#b1", "#b1-", "#b2-0", "#b1-x", "@nobody", ""})
    tap::ok(!names.conversation(ann, other).known(), std::string("not of the run: ") + other);
}

}  // namespace

int main() {
  test_clean();
  test_sends();
  test_conversations();
  test_deliveries();
  test_first_offenders();
  test_names();
  return tap::done();
}
