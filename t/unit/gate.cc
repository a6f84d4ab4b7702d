// The gate: what passes, what is held, what is dropped, and what it says about gaps.
#include "worker/delivery/gate.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tap.h"

namespace {

using delivery::Gate;
using delivery::Live;

Live message(int64_t seq, uint64_t session = 0) {
  Live live;
  live.conv = 1;
  live.seq = seq;
  live.event = "event " + std::to_string(seq);
  live.session = session;
  return live;
}

std::string taken(Gate& gate) {
  std::string all;
  while (const auto live = gate.take()) all += std::to_string(live->seq) + ' ';
  return all;
}

void in_order() {
  Gate gate(3, 9);
  tap::ok(gate.low() == 3 && gate.high() == 9, "a gate knows its users");
  tap::ok(!gate.is_open() && gate.next() == 0, "a new one is not open");
  gate.open_at(5);
  tap::ok(gate.is_open() && gate.next() == 5 && !gate.has_gap(), "opened, it knows what comes next");
  tap::ok(!gate.offer(message(4)), "what is earlier is dropped");
  tap::ok(!gate.has_gap(), "and is no gap");
  tap::ok(gate.offer(message(5)), "the expected one passes");
  tap::ok(!gate.offer(message(5)), "once");
  tap::ok(gate.offer(message(6)) && gate.next() == 7, "then the next");
}

void held_back() {
  Gate gate(1, 2);
  gate.open_at(1);
  tap::ok(!gate.offer(message(3, 77)), "a later one is held");
  tap::ok(gate.has_gap() && gate.heard_up_to() == 3, "there is a gap");
  tap::ok(!gate.offer(message(2)) && !gate.take(), "and the gap is wider than what is held");
  tap::ok(!gate.offer(message(3)), "what is held is held once");
  tap::ok(gate.offer(message(1)), "the missing one passes");
  const auto two = gate.take();
  tap::ok(two && two->seq == 2, "then what was held");
  const auto three = gate.take();
  tap::ok(three && three->session == 77 && three->event == "event 3", "as it was offered first");
  tap::ok(!gate.take() && !gate.has_gap() && gate.next() == 4, "and nothing else");
}

void hearsay() {
  Gate gate(1, 2);
  gate.open_at(4);
  gate.heard(3);
  tap::ok(!gate.has_gap(), "hearing of what has passed is no gap");
  gate.heard(4);
  tap::ok(gate.has_gap(), "hearing of the next one is");
  gate.heard(2);
  tap::is(gate.heard_up_to(), int64_t{4}, "older hearsay counts for nothing");
  tap::ok(gate.offer(message(4)) && !gate.has_gap(), "until it has come");
}

void opening() {
  Gate gate(1, 2);
  for (const int64_t seq : {4, 6, 7}) gate.offer(message(seq));
  tap::is(gate.held_after(), int64_t{5}, "what is held without a gap up to the newest begins after 5");
  tap::ok(!gate.take(), "nothing is taken before it is open");
  gate.open_at(6);
  tap::is(taken(gate), std::string("6 7 "), "opened there, it goes on with what is held");
  Gate later(1, 2);
  for (const int64_t seq : {4, 6, 7}) later.offer(message(seq));
  later.heard(9);
  tap::is(later.held_after(), int64_t{9}, "hearsay beyond what is held: all is to be read");
  later.open_at(10);
  tap::ok(!later.has_gap() && taken(later).empty(), "and what was held is dropped");
  later.open_at(3);
  tap::is(later.next(), int64_t{10}, "it never opens backwards");
  tap::is(Gate(1, 2).held_after(), int64_t{0}, "an empty gate begins at the beginning");
}

void bounded() {
  Gate gate(1, 2);
  gate.open_at(1);
  for (int64_t seq = 2; seq <= 1000; ++seq) gate.offer(message(seq));
  tap::ok(gate.offer(message(1)), "a thousand are held back");
  const std::string all = taken(gate);
  const auto count = std::count(all.begin(), all.end(), ' ');
  tap::ok(count >= 100 && count < 500, "no more than some are kept");
  tap::ok(gate.has_gap() && gate.heard_up_to() == 1000, "and it knows that there are more");
}

Live of_epoch(int64_t seq, int64_t epoch) {
  Live live = message(seq);
  live.epoch = epoch;
  return live;
}

// A group's message of a later membership than is known here waits until that is read.
void epochs() {
  Gate gate(0, 0);
  tap::ok(gate.is_group() && !Gate(3, 3).is_group(), "a group's gate knows no users");
  gate.open_at(1);
  tap::ok(gate.offer(of_epoch(1, 4), 4) && gate.epoch() == 4, "of the known epoch: it passes");
  tap::ok(gate.offer(of_epoch(2, 3), 4) && gate.epoch() == 4, "of an earlier one too");
  tap::ok(!gate.offer(of_epoch(3, 5), 4), "of a later one: it is held");
  tap::ok(gate.has_gap() && gate.epoch() == 5, "which counts as a gap, and the epoch is known");
  tap::ok(!gate.offer(of_epoch(4, 5), 4) && !gate.take(4), "and so is what comes behind it");
  tap::is(gate.take(5).value_or(Live()).seq, int64_t{3}, "once the epoch is known, it is taken");
  tap::is(gate.take(5).value_or(Live()).seq, int64_t{4}, "and what is behind it");
  tap::ok(!gate.has_gap(), "nothing is left");
  tap::ok(!gate.offer(of_epoch(5, 7), 5) && gate.offer(message(5), 5), "read from the store, it passes");
  tap::ok(!gate.take(7) && !gate.has_gap(), "and is not taken again");
  tap::ok(!gate.offer(message(7)) && gate.offer(message(6)), "what comes behind it");
  tap::is(gate.take(7).value_or(Live()).seq, int64_t{7}, "is not held up by it");
}

// Whatever the order, each passes once and in order; what is missing is asked for.
void shuffled() {
  std::mt19937 random(4711);
  bool ordered = true;
  for (int round = 0; round < 300; ++round) {
    Gate gate(1, 2);
    gate.open_at(1);
    std::vector<int64_t> seqs;
    for (int64_t seq = 1; seq <= 50; ++seq) seqs.insert(seqs.end(), 1 + random() % 2, seq);
    std::shuffle(seqs.begin(), seqs.end(), random);
    int64_t passed = 0;
    for (const int64_t seq : seqs) {
      if (gate.offer(message(seq))) ordered &= seq == ++passed;
      while (const auto live = gate.take()) ordered &= live->seq == ++passed;
      ordered &= gate.has_gap() == (gate.heard_up_to() > passed) && gate.next() == passed + 1;
    }
    ordered &= passed == 50 && !gate.has_gap();
  }
  tap::ok(ordered, "300 shuffles with repeats: each passes once, in order, and the gap is known");
}

}  // namespace

int main() {
  in_order();
  held_back();
  hearsay();
  opening();
  bounded();
  epochs();
  shuffled();
  return tap::done();
}
