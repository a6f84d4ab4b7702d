// A session's backlog against a model: conversations in a store, hints that arrive late, twice, out of order
// or never, gates that open, close and mend, a reader that clogs, other devices that acknowledge; one step at
// a time in random order. Whatever happens, the session is sent every message of each conversation in order,
// and exactly once where nothing is forgotten in between; its own are left out.
//
//   backlog_model [SEED [ROUNDS]]    one failing round prints its seed
#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tap.h"
#include "worker/delivery/gate.h"
#include "worker/session/backlog.h"

namespace {

using delivery::Gate;
using delivery::Live;
using session::Backlog;

struct Rules {
  size_t noted = 1000;     // conversations the backlog may note
  bool evictions = false;  // gates are forgotten at any time
  bool losses = false;     // hints get lost
  bool clogs = true;       // the reader is slow at times
  int64_t page = 3;        // messages, and conversations, read at once
  int64_t newest = -1;     // the login's `backlog`
  int conversations = 6;
  bool exact() const { return !evictions && noted >= 1000; }
};

// One conversation in the store, its hints under way, and its gate on this worker.
struct Conversation {
  int64_t head = 0;
  std::set<int64_t> own{};
  int64_t recv = 0;
  int64_t fresh = 0;  // the first that was committed after the login was accepted
  std::vector<int64_t> hints{};
  std::unique_ptr<Gate> gate = std::make_unique<Gate>(1, 2);
  int mending = 0;  // 0: at rest, 1: to be asked, 2: the store was asked
  int64_t asked_head = 0, asked_from = 0;
  bool asked_with_session = false, asked_to_open = false;
  int64_t acknowledged = 0;  // at the login, whatever was asked for
  int64_t begin = -1;        // from here on the session is owed everything; -1: not yet
  int64_t sent = 0;          // the session has been sent, or has sent, everything up to here

  int64_t from() const { return fresh == 0 ? recv : std::min(recv, fresh - 1); }
};

class Model {
 public:
  Model(uint32_t seed, Rules rules) : random_(seed), rules_(rules), backlog_(rules.noted) {
    for (int64_t conv = 1; conv <= rules.conversations; ++conv) convs_[conv];
  }

  // True if the session was served as it must be; fault() says what went wrong.
  bool run(int steps) {
    for (int i = 0; i < steps && fault_.empty(); ++i) {
      if (i == steps / 10) accept();
      step();
    }
    finish();
    for (auto& [conv, c] : convs_) check_end(conv, c);
    return fault_.empty();
  }
  const std::string& fault() const { return fault_; }
  int duplicates() const { return duplicates_; }

 private:
  enum class Phase { away, accepted, registered };
  enum class Reading { nothing, stretch, waiting };
  int below(int n) { return static_cast<int>(random_() % static_cast<uint32_t>(n)); }
  bool one_in(int n) { return below(n) == 0; }
  int64_t any() { return 1 + below(rules_.conversations); }

  void step() {
    const int64_t conv = any();
    Conversation& c = convs_[conv];
    switch (below(12)) {
      case 0:
      case 1:
        return commit(conv, c, phase_ == Phase::registered && one_in(3));
      case 2:
      case 3:
        return arrive(conv, c);
      case 4:
        return mend(conv, c);
      case 5:
        return acknowledge(c);
      case 6:
        return forget(c);
      case 7:
        return one_in(4) ? hear_of_all() : void();
      case 8:
        return log_in();
      default:
        return catch_up();
    }
  }

  // --- the store, and the way of the hints
  void commit(int64_t conv, Conversation& c, bool own) {
    ++c.head;
    if (phase_ != Phase::away && c.fresh == 0) c.fresh = c.head;
    if (own) {
      c.own.insert(c.head);
      backlog_.sent_own(conv, c.head);
      return offer(conv, c, c.head);
    }
    if (rules_.losses && one_in(8)) return;
    c.hints.insert(c.hints.end(), one_in(10) ? 2 : 1, c.head);
  }
  void arrive(int64_t conv, Conversation& c) {
    if (c.hints.empty()) return;
    const auto hint = c.hints.begin() + (one_in(4) ? below(static_cast<int>(c.hints.size())) : 0);
    const int64_t seq = *hint;
    c.hints.erase(hint);
    offer(conv, c, seq);
  }
  void acknowledge(Conversation& c) {
    if (one_in(10))
      c.recv = c.head;  // another device
    else if (c.begin >= 0)
      c.recv = std::max(c.recv, c.sent - below(3));
  }
  void hear_of_all() {
    for (auto& [conv, c] : convs_) {
      c.gate->heard(c.head);
      if (c.head > 0 && (!c.gate->is_open() || c.gate->has_gap())) c.mending = std::max(c.mending, 1);
    }
  }

  // --- as the router does it
  void offer(int64_t conv, Conversation& c, int64_t seq) {
    Live live;
    live.conv = conv;
    live.seq = seq;
    live.session = c.own.contains(seq) ? 1 : 0;
    if (!c.gate->is_open() && seq == 1) c.gate->open_at(1);
    if (c.gate->offer(live)) {
      pass(live);
      drain(c);
    }
    if (!c.gate->is_open() || c.gate->has_gap()) c.mending = std::max(c.mending, 1);
  }
  void drain(Conversation& c) {
    while (const auto live = c.gate->take()) pass(*live);
  }
  void mend(int64_t conv, Conversation& c) {
    if (c.mending == 1) {
      c.mending = 2;
      c.asked_head = c.head;
      c.asked_from = std::min(c.from(), c.head);
      c.asked_with_session = phase_ == Phase::registered;
      c.asked_to_open = !c.gate->is_open();
    } else if (c.mending == 2) {
      c.asked_to_open ? open(conv, c) : fill(conv, c);
      c.mending = !c.gate->is_open() || c.gate->has_gap() ? 1 : 0;
    }
  }
  void open(int64_t conv, Conversation& c) {
    if (c.gate->is_open()) return;                                     // its first message has come meanwhile
    if (!c.asked_with_session && phase_ == Phase::registered) return;  // asked without it: asked again
    c.gate->heard(c.asked_head);
    const int64_t base = c.gate->held_after();
    if (c.asked_with_session && c.asked_from > base)
      backlog_.raise_floor(conv, c.asked_from);
    else if (c.asked_with_session)
      lag(conv, c.asked_from, base);
    c.gate->open_at(base + 1);
    drain(c);
  }
  void fill(int64_t conv, Conversation& c) {
    const int64_t end = std::min(c.asked_head, c.gate->next() - 1 + rules_.page);
    for (int64_t seq = c.gate->next(); seq <= end; ++seq) {
      drain(c);
      Live live;
      live.conv = conv;
      live.seq = seq;
      if (c.gate->offer(live)) pass(live);
    }
    drain(c);
  }
  void forget(Conversation& c) {
    if (rules_.evictions && c.mending == 0 && one_in(10)) c.gate = std::make_unique<Gate>(1, 2);
  }

  // --- as the outbox does it
  void pass(const Live& live) {
    if (phase_ != Phase::registered) return;
    const bool own = live.session != 0;
    const bool falls_behind = !own && !backlog_.behind() && rules_.clogs && one_in(10);
    if (falls_behind) backlog_.fall_behind();
    if (backlog_.offer(live.conv, live.seq, own) == Backlog::Verdict::push) write(live.conv, live.seq);
  }
  void lag(int64_t conv, int64_t from, int64_t last) {
    if (std::max(from, backlog_.floor(conv)) >= last) return;
    backlog_.wait(conv, from, last);
    if (!backlog_.behind()) backlog_.fall_behind();
  }
  void accept() { phase_ = Phase::accepted; }

  // One page of the frozen backlog, or, after the last one, the registration.
  void log_in() {
    if (phase_ != Phase::accepted) return;
    if (!frozen_) backlog_.fall_behind_from_store();
    frozen_ = true;
    int64_t found = 0;
    for (auto at = convs_.upper_bound(frozen_up_to_); at != convs_.end() && found < rules_.page; ++at) {
      Conversation& c = at->second;
      c.begin = c.acknowledged = c.from();
      frozen_up_to_ = at->first;
      if (c.head <= c.begin) continue;
      ++found;
      const int64_t from = rules_.newest < 0 ? c.begin : std::max(c.begin, c.head - rules_.newest);
      if (from > c.begin) backlog_.raise_floor(at->first, from);
      backlog_.wait(at->first, from, c.head);
      c.begin = from;
    }
    if (frozen_up_to_ < rules_.conversations) return;
    for (auto& [conv, c] : convs_) c.sent = c.begin;
    phase_ = Phase::registered;
  }

  // Begins to read, or takes what was read, or goes live.
  void catch_up() {
    if (phase_ != Phase::registered || !backlog_.behind()) return;
    if (reading_ != Reading::nothing) return end_reading();
    if (const auto next = backlog_.next()) {
      stretch_ = *next;
      read_head_ = convs_[stretch_.conv].head;
      reading_ = Reading::stretch;
    } else if (!backlog_.go_live()) {
      if (backlog_.covered() != Backlog::everything) begin_waiting();
    }
  }
  void begin_waiting() {
    found_.clear();
    all_found_ = true;
    for (auto at = convs_.upper_bound(backlog_.covered()); at != convs_.end(); ++at) {
      if (at->second.head <= at->second.from()) continue;
      all_found_ = static_cast<int64_t>(found_.size()) < rules_.page;
      if (!all_found_) break;
      found_.push_back({at->first, at->second.from(), at->second.head});
    }
    reading_ = Reading::waiting;
  }
  void end_reading() {
    const Reading reading = std::exchange(reading_, Reading::nothing);
    if (reading == Reading::waiting) {
      for (const auto& row : found_) backlog_.wait(row[0], row[1], row[2]);
      backlog_.cover(all_found_ ? Backlog::everything : found_.back()[0]);
      return;
    }
    const int64_t end = std::min(read_head_, stretch_.after + rules_.page);
    for (int64_t seq = stretch_.after + 1; seq <= end; ++seq)
      if (backlog_.sending(stretch_.conv, seq)) write(stretch_.conv, seq);
    if (end - stretch_.after < rules_.page) backlog_.exhausted(stretch_);
  }

  // --- the session's peer
  void write(int64_t conv, int64_t seq) {
    Conversation& c = convs_[conv];
    if (c.own.contains(seq)) return rules_.exact() ? fail(conv, seq, "one's own") : void();
    if (seq <= c.acknowledged) return;  // late news of what another device had at the login: no harm
    if (seq <= c.sent) {
      ++duplicates_;
      return rules_.exact() ? fail(conv, seq, "a second time") : void();
    }
    while (c.own.contains(c.sent + 1)) ++c.sent;
    if (seq != c.sent + 1) return fail(conv, seq, "after " + std::to_string(c.sent));
    c.sent = seq;
  }
  void fail(int64_t conv, int64_t seq, const std::string& what) {
    std::ostringstream out;
    out << "conversation " << conv << ": " << seq << ' ' << what;
    if (fault_.empty()) fault_ = out.str();
  }

  // Nobody writes any more: everything under way comes to rest.
  void finish() {
    for (int i = 0; i < 20000 && fault_.empty(); ++i) {
      if (i % 1000 == 0) hear_of_all();
      const int64_t conv = any();
      arrive(conv, convs_[conv]);
      mend(conv, convs_[conv]);
      log_in();
      catch_up();
    }
    if (backlog_.behind() && fault_.empty()) fault_ = "it never goes live";
  }
  void check_end(int64_t conv, Conversation& c) {
    while (c.own.contains(c.sent + 1)) ++c.sent;
    if (c.sent != c.head) fail(conv, c.head, "is the head, sent is " + std::to_string(c.sent));
  }

  std::mt19937 random_;
  const Rules rules_;
  Backlog backlog_;
  std::map<int64_t, Conversation> convs_;
  Phase phase_ = Phase::away;
  Reading reading_ = Reading::nothing;
  bool frozen_ = false;
  int64_t frozen_up_to_ = 0;
  Backlog::Stretch stretch_;
  int64_t read_head_ = 0;
  std::vector<std::array<int64_t, 3>> found_;
  bool all_found_ = true;
  std::string fault_;
  int duplicates_ = 0;
};

void rounds(uint32_t seed, uint32_t count, const Rules& rules, const std::string& name) {
  std::string first;
  int failed = 0, duplicates = 0;
  for (uint32_t i = 0; i < count; ++i) {
    Model model(seed + i, rules);
    if (!model.run(40 + static_cast<int>((seed + i) % 8) * 100)) {
      ++failed;
      if (first.empty()) first = "seed " + std::to_string(seed + i) + ": " + model.fault();
    }
    duplicates += model.duplicates();
  }
  if (!tap::ok(failed == 0, name))
    std::printf("# %d of %u rounds, the first: %s\n", failed, count, first.c_str());
  std::printf("# %d duplicates\n", duplicates);
}

}  // namespace

int main(int argc, char** argv) {
  const auto seed = static_cast<uint32_t>(argc > 1 ? std::atoi(argv[1]) : 1);
  const auto count = static_cast<uint32_t>(argc > 2 ? std::atoi(argv[2]) : 300);
  Rules rules;
  rules.clogs = false;
  rounds(seed, count, rules, "a login, then live: each once, in order");
  rules.clogs = true;
  rounds(seed, count, rules, "a slow reader: each once, in order");
  rules.losses = true;
  rounds(seed, count, rules, "hints get lost: each once, in order");
  Rules newest = rules;
  newest.newest = 2;
  rounds(seed, count, newest, "the newest two alone, then all: each once, in order");
  Rules evicted = rules;
  evicted.evictions = true;
  rounds(seed, count, evicted, "gates are forgotten: all, in order");
  Rules narrow = rules;
  narrow.noted = 2;
  rounds(seed, count, narrow, "two conversations are noted, six speak: all, in order");
  narrow.evictions = true;
  narrow.page = 1;
  rounds(seed, count, narrow, "all of it at once, and pages of one: all, in order");
  return tap::done();
}
