// A session's backlog, case by case: what is pushed, what is noted, what is read from the store, and when
// the session is live again. backlog_model.cc tries what nobody thought of.
#include "worker/session/backlog.h"

#include <sstream>
#include <string>

#include "tap.h"

namespace {

using session::Backlog;
using Verdict = Backlog::Verdict;

constexpr size_t many = 100;

const char* name(Verdict verdict) {
  return verdict == Verdict::push ? "push" : verdict == Verdict::skip ? "skip" : "later";
}

void offered(Backlog& backlog, int64_t conv, int64_t seq, bool own, Verdict expected,
             const std::string& what) {
  tap::is(std::string(name(backlog.offer(conv, seq, own))), std::string(name(expected)), what);
}

std::string text(const std::optional<Backlog::Stretch>& stretch) {
  if (!stretch) return "none";
  std::ostringstream out;
  out << stretch->conv << '(' << stretch->after << ',' << stretch->last << ']';
  return out.str();
}

// Reads as the outbox does, from a store in which every conversation has `head`: what is sent.
std::string read(Backlog& backlog, int64_t head, int64_t page = 1000) {
  std::string out;
  while (const auto stretch = backlog.next()) {
    const int64_t end = std::min(head, stretch->after + page);
    for (int64_t seq = stretch->after + 1; seq <= end; ++seq)
      if (backlog.sending(stretch->conv, seq))
        out += std::to_string(stretch->conv) + ':' + std::to_string(seq) + ' ';
    if (end == head) backlog.exhausted(*stretch);
  }
  return out;
}

void live() {
  Backlog backlog(many);
  tap::ok(!backlog.behind(), "a new session is live");
  offered(backlog, 1, 1, false, Verdict::push, "live: pushed");
  offered(backlog, 1, 2, true, Verdict::skip, "one's own: left out");
  offered(backlog, 1, 3, false, Verdict::push, "the next: pushed");
  backlog.raise_floor(1, 5);
  offered(backlog, 1, 5, false, Verdict::skip, "up to the floor: left out");
  tap::is(backlog.floor(1), int64_t{5}, "the floor is known");
  offered(backlog, 1, 6, false, Verdict::push, "above it: pushed");
  tap::is(backlog.floor(1), int64_t{0}, "and the floor is forgotten: the gate keeps the order");
  backlog.raise_floor(2, 5);
  backlog.raise_floor(2, 3);
  tap::is(backlog.floor(2), int64_t{5}, "a floor never falls");
}

// Another worker's message makes this one read the store before it hears of its own commit.
void own_in_flight() {
  Backlog backlog(many);
  backlog.begin_own(1, "key");
  tap::ok(backlog.is_own(1, "key") && !backlog.is_own(2, "key") && !backlog.is_own(1, "other"),
          "in flight: by conversation and key");
  backlog.fall_behind();
  backlog.wait(1, 0, 3);
  const auto stretch = backlog.next();
  tap::ok(!backlog.sending(1, 1, backlog.is_own(1, "key")), "read before its commit is known: left out");
  tap::ok(backlog.sending(1, 2, backlog.is_own(1, "other")) && backlog.sending(1, 3), "others' are sent");
  backlog.exhausted(*stretch);
  backlog.end_own(1, "key");
  tap::ok(!backlog.is_own(1, "key"), "its fate is known: forgotten");
  Backlog small(1);
  small.begin_own(1, "a");
  small.begin_own(1, "b");
  tap::ok(small.is_own(1, "a") && !small.is_own(1, "b"), "as many as conversations are remembered");
}

void slow_reader() {
  Backlog backlog(many);
  backlog.fall_behind();
  tap::ok(backlog.behind(), "behind");
  offered(backlog, 1, 8, false, Verdict::later, "behind: noted");
  offered(backlog, 1, 9, false, Verdict::later, "and the next");
  offered(backlog, 2, 3, false, Verdict::later, "and another conversation's");
  tap::ok(!backlog.go_live(), "something is left: not live");
  tap::is(text(backlog.next()), std::string("1(7,9]"), "what passed is to be read");
  tap::is(text(backlog.next()), std::string("2(2,3]"), "in turn");
  tap::is(text(backlog.next()), std::string("1(7,9]"), "round again");
  tap::is(read(backlog, 9, 2), std::string("2:3 2:4 1:8 1:9 2:5 2:6 2:7 2:8 2:9 "), "pages, in turn");
  tap::ok(backlog.go_live() && !backlog.behind(), "all is read: live");
  offered(backlog, 2, 9, false, Verdict::skip, "what was read beyond what was noted is not sent again");
  offered(backlog, 2, 10, false, Verdict::push, "the next is pushed");
}

void own_while_behind() {
  Backlog backlog(many);
  backlog.fall_behind();
  offered(backlog, 1, 4, false, Verdict::later, "somebody else's");
  backlog.sent_own(1, 5);
  offered(backlog, 1, 5, true, Verdict::later, "one's own while behind");
  offered(backlog, 1, 6, false, Verdict::later, "and another");
  tap::is(read(backlog, 6), std::string("1:4 1:6 "), "one's own is left out of what is read");
  tap::ok(backlog.go_live(), "live");
}

// It was sent while live, and held at the gate until the session had fallen behind.
void own_from_before() {
  Backlog backlog(many);
  backlog.sent_own(1, 5);
  backlog.sent_own(1, 7);
  offered(backlog, 1, 5, true, Verdict::skip, "one's own passes while live");
  backlog.fall_behind();
  offered(backlog, 1, 6, false, Verdict::later, "the session falls behind");
  offered(backlog, 1, 7, true, Verdict::later, "one's own from before passes");
  tap::is(read(backlog, 7), std::string("1:6 "), "and is left out all the same");
  Backlog filled(many);
  filled.sent_own(1, 5);
  offered(filled, 1, 5, false, Verdict::skip, "one's own that the gate had to read from the store: left out");
  offered(filled, 1, 6, false, Verdict::push, "the next is not");
  Backlog gap(many);
  gap.sent_own(1, 5);
  gap.wait(1, 3, 6);
  gap.fall_behind();
  tap::is(read(gap, 6), std::string("1:4 1:6 "), "likewise where the store says what waits");
}

void login() {
  Backlog backlog(many);
  backlog.fall_behind_from_store();
  backlog.wait(4, 2, 5);
  backlog.wait(7, 0, 1);
  tap::ok(!backlog.next() && !backlog.go_live(), "noted at login, and not covered yet: nothing to read");
  offered(backlog, 4, 6, false, Verdict::later, "a live one of what waits");
  offered(backlog, 5, 9, false, Verdict::later, "a live one of what the store has not said yet");
  backlog.wait(4, 5, 6);
  backlog.cover(4);
  tap::is(text(backlog.next()), std::string("4(2,6]"), "covered up to 4: from where it stood at login");
  tap::is(text(backlog.next()), std::string("4(2,6]"), "and nothing above it");
  backlog.wait(5, 6, 9);
  backlog.cover(Backlog::everything);
  tap::is(text(backlog.next()), std::string("5(6,9]"), "older ones waited there: they come first");
  tap::is(text(backlog.next()), std::string("7(0,1]"), "and so on");
  read(backlog, 9);
  tap::ok(backlog.go_live(), "live");
}

void waits() {
  Backlog backlog(many);
  backlog.fall_behind();
  backlog.wait(1, 5, 5);
  backlog.wait(2, 6, 5);
  tap::ok(!backlog.next(), "nothing waits where the store has nothing above");
  backlog.wait(1, 5, 9);
  backlog.wait(1, 7, 8);
  tap::is(text(backlog.next()), std::string("1(5,9]"), "said twice: from the lower to the higher");
  backlog.sending(1, 6);
  backlog.wait(1, 3, 9);
  tap::is(text(backlog.next()), std::string("1(6,9]"), "begun: what was sent is not sent again");
  tap::ok(!backlog.sending(1, 6) && !backlog.sending(1, 2), "nor if it is read again");
  tap::ok(!backlog.sending(9, 1), "nothing is sent of what was not asked for");
}

void floors() {
  Backlog backlog(many);
  backlog.fall_behind();
  backlog.raise_floor(1, 7);
  backlog.wait(1, 2, 9);
  tap::is(text(backlog.next()), std::string("1(7,9]"), "a floor cuts what waits");
  offered(backlog, 1, 7, false, Verdict::skip, "and what passes");
  backlog.raise_floor(2, 7);
  backlog.wait(2, 0, 7);
  tap::is(text(backlog.next()), std::string("1(7,9]"), "one above all that waits leaves nothing");
  backlog.raise_floor(1, 10);
  offered(backlog, 1, 10, false, Verdict::later, "where something is noted, a floor changes nothing");
  tap::is(read(backlog, 10), std::string("1:8 1:9 1:10 "), "it is owed");
  tap::is(backlog.floor(1), int64_t{10}, "what was read is a floor");
}

// The first attempt to log in wanted none of what waits, and failed before its end.
void second_login() {
  Backlog backlog(many);
  backlog.fall_behind_from_store();
  backlog.raise_floor(1, 5);
  backlog.wait(2, 0, 5);
  backlog.fall_behind_from_store();
  backlog.wait(1, 3, 5);
  backlog.cover(Backlog::everything);
  tap::is(read(backlog, 5), std::string("1:4 1:5 "), "a second login knows nothing of the first");
}

// The page was read late enough to hold what passed while it was asked for.
void read_beyond(int64_t passed) {
  Backlog backlog(many);
  backlog.fall_behind();
  offered(backlog, 1, 5, false, Verdict::later, "noted");
  const auto stretch = backlog.next();
  offered(backlog, 1, passed, false, Verdict::later, "more passes while the store is asked");
  for (int64_t seq = 5; seq <= 7; ++seq) backlog.sending(1, seq);
  backlog.exhausted(*stretch);
  tap::ok(backlog.go_live(), "it has been read already: live");
}

// What passes between the reading and its end belongs to the next turn.
void passing_meanwhile() {
  Backlog backlog(many);
  backlog.fall_behind();
  offered(backlog, 1, 5, false, Verdict::later, "noted");
  const auto first = backlog.next();
  backlog.sending(1, 5);
  offered(backlog, 1, 6, false, Verdict::later, "one passes while the store is read");
  backlog.exhausted(*first);
  tap::ok(!backlog.go_live(), "not live");
  const auto second = backlog.next();
  tap::is(text(second), std::string("1(5,6]"), "it is read in the next turn");
  backlog.exhausted(*second);
  tap::ok(backlog.go_live(), "what the store does not have then does not exist");
  tap::is(backlog.floor(1), int64_t{5}, "and is not taken for sent");
  offered(backlog, 1, 6, false, Verdict::push, "should it come all the same, it is pushed");
  backlog.exhausted(*second);
  tap::ok(!backlog.behind(), "an end that comes late changes nothing");
}

void overflow() {
  Backlog backlog(2);
  backlog.fall_behind();
  for (const int64_t conv : {1, 2, 3}) offered(backlog, conv, 5, false, Verdict::later, "noted, or too many");
  tap::is(read(backlog, 5), std::string("1:5 2:5 "), "two are noted one by one");
  tap::ok(!backlog.go_live() && backlog.covered() == 0, "then the store is asked for everything");
  tap::ok(!backlog.next(), "nothing is read before it has answered");
  backlog.wait(3, 4, 5);
  backlog.cover(Backlog::everything);
  tap::is(read(backlog, 5), std::string("3:5 "), "what was not noted comes from there");
  tap::ok(backlog.go_live(), "and then it is live");
}

// A conversation that was not noted for want of room stays unknown: its next message must not hide it.
void overflow_and_room_again() {
  Backlog backlog(2);
  backlog.fall_behind();
  for (const int64_t conv : {1, 2, 3}) offered(backlog, conv, 5, false, Verdict::later, "noted, or too many");
  tap::is(read(backlog, 5), std::string("1:5 2:5 "), "there is room again");
  offered(backlog, 3, 6, false, Verdict::later, "the next message of the third");
  tap::is(read(backlog, 6), std::string(), "it is not read before the one that was not noted");
  tap::ok(!backlog.go_live(), "the store is asked");
  offered(backlog, 3, 7, false, Verdict::later, "one more meanwhile");
  backlog.wait(3, 4, 7);
  backlog.cover(Backlog::everything);
  tap::is(read(backlog, 7), std::string("3:5 3:6 3:7 "), "all three come, in order");
  tap::ok(backlog.go_live(), "live");
}

}  // namespace

int main() {
  live();
  own_in_flight();
  slow_reader();
  own_while_behind();
  own_from_before();
  login();
  waits();
  floors();
  second_login();
  passing_meanwhile();
  read_beyond(6);
  read_beyond(7);
  overflow();
  overflow_and_room_again();
  return tap::done();
}
