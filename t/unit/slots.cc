// Slots: as many as there are, the others in their order, and those who die while they wait or hold.
#include "common/loop/slots.h"

#include <memory>
#include <string>

#include "turns.h"

namespace {

using loop::Slots;
using loop::Task;

Task<void> hold(Slots& slots, loop::Loop& loop, std::string& log, char name, loop::Signal& leave) {
  const Slots::Held held = co_await slots.take(loop);
  log += name;
  co_await leave.wait(loop, loop::Millis(60000));
  log += static_cast<char>(name - 'a' + 'A');
}

void in_order(loop::Loop& loop) {
  Slots slots(2);
  std::string log;
  loop::Signal leave[5];
  tap::Roots roots(loop);
  for (int i = 0; i < 5; ++i) roots.spawn(hold(slots, loop, log, static_cast<char>('a' + i), leave[i]));
  tap::settle(loop);
  tap::is(log, std::string("ab"), "two slots: two have one");
  leave[1].wake();
  tap::settle(loop);
  tap::is(log, std::string("abBc"), "one leaves, the next has it");
  leave[0].wake();
  leave[2].wake();
  tap::settle(loop);
  tap::is(log, std::string("abBcACde"), "first come, first served");
  leave[3].wake();
  leave[4].wake();
  tap::settle(loop);
  tap::is(roots.size(), size_t{0}, "all have gone");
  roots.spawn(hold(slots, loop, log, 'x', leave[0]));
  roots.spawn(hold(slots, loop, log, 'y', leave[0]));
  tap::ok(log.ends_with("xy"), "and both slots are free again, at once");
}

Task<void> hold_over_a_turn(Slots& slots, loop::Loop& loop, int& ended) {
  const Slots::Held held = co_await slots.take(loop);
  co_await loop::sleep(loop, loop::Millis(0));
  ++ended;
}

void so_many_a_turn(loop::Loop& loop) {
  Slots slots(3);
  int ended = 0;
  tap::Roots roots(loop);
  for (int i = 0; i < 20; ++i) roots.spawn(hold_over_a_turn(slots, loop, ended));
  bool bounded = true;
  for (int turn = 0; turn < 1000 && ended < 20; ++turn) {
    const int before = ended;
    loop.turn(true);
    bounded = bounded && ended - before <= 3;
  }
  tap::ok(bounded && ended == 20, "slots held over a turn: no more of them in one, and all in the end");
}

void deaths(loop::Loop& loop) {
  Slots slots(1);
  std::string log;
  loop::Signal leave;
  auto holder = std::make_unique<tap::Roots>(loop);
  auto waiter = std::make_unique<tap::Roots>(loop);
  auto granted = std::make_unique<tap::Roots>(loop);
  tap::Roots last(loop);
  holder->spawn(hold(slots, loop, log, 'a', leave));
  waiter->spawn(hold(slots, loop, log, 'b', leave));
  granted->spawn(hold(slots, loop, log, 'c', leave));
  last.spawn(hold(slots, loop, log, 'd', leave));
  waiter.reset();
  holder.reset();
  granted.reset();  // its turn had come, and it had not run yet
  tap::settle(loop);
  tap::is(log, std::string("ad"),
          "a slot passes over the dead: a holder, one in the queue, one whose turn had come");
}

}  // namespace

int main() {
  loop::Loop loop;
  in_order(loop);
  so_many_a_turn(loop);
  deaths(loop);
  return tap::done();
}
