// The accept mutex: who ought to hold it, and that a dead holder's is taken over. The dead one is a child.
#include "common/ipc/accept_mutex.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "tap.h"

using ipc::AcceptMutex;
using ipc::Shared;
using ipc::State;

namespace {

constexpr int64_t now = 1000000;

void set(Shared& shared, int slot, int64_t live, int64_t heartbeat = now, State state = State::ready) {
  shared.slot(slot).live = live;
  shared.slot(slot).heartbeat = heartbeat;
  shared.slot(slot).state = state;
}

bool called(const Shared& shared, int slot) {
  pollfd p{shared.wake_fd(slot), POLLIN, 0};
  return poll(&p, 1, 0) == 1;
}

void successor() {
  Shared shared(4);
  const AcceptMutex mine(shared, 0);
  set(shared, 0, 100);
  tap::ok(!mine.successor(now), "with no other ready it is kept");
  set(shared, 1, 84);
  set(shared, 2, 90);
  tap::ok(!mine.successor(now), "kept at the least loaded + 16");
  set(shared, 0, 101);
  tap::is(mine.successor(now).value_or(-1), 1, "above that it goes to the least loaded");
  set(shared, 1, 0, now - AcceptMutex::stale_ms - 1);
  tap::ok(!mine.successor(now), "not to one that does not beat");
  set(shared, 1, 0, now, State::draining);
  tap::ok(!mine.successor(now), "not to one that drains");
  set(shared, 1, 0, now + 5000);
  tap::is(mine.successor(now).value_or(-1), 1, "a heartbeat just after one's own clock counts");
  set(shared, 3, 0);
  set(shared, 1, 1);
  tap::is(mine.successor(now).value_or(-1), 3, "any slot may be the least loaded");
}

void hand_over() {
  Shared shared(3);
  AcceptMutex a(shared, 0), b(shared, 1);
  for (int i = 0; i < 3; ++i) set(shared, i, i);
  tap::ok(a.try_take() && a.held(), "a free one is taken");
  tap::is(shared.holder().load(), 0, "the holder is known");
  tap::ok(!b.try_take(), "a held one is not");
  a.hand_to(1);
  tap::ok(!a.held() && called(shared, 1) && !called(shared, 2), "handing it over calls that worker alone");
  b.heard();
  tap::ok(!called(shared, 1), "a call is heard once");
  tap::ok(b.try_take() && !a.try_take(), "who was called takes it");
  b.give_up(now);
  tap::ok(!b.held() && called(shared, 0), "given up, the least loaded other is called");
}

pid_t hold_in_child(Shared& shared) {
  const pid_t child = fork();
  if (child != 0) return child;
  AcceptMutex mutex(shared, 0);
  if (!mutex.try_take()) _exit(1);
  shared.slot(0).state = State::ready;
  for (;;) pause();
}

void dead_holder() {
  Shared shared(2);
  const pid_t child = hold_in_child(shared);
  while (shared.slot(0).state != State::ready) usleep(1000);
  AcceptMutex mine(shared, 1);
  tap::ok(!mine.try_take(), "another process holds it");
  kill(child, SIGSTOP);
  tap::ok(!mine.try_take(), "a stopped holder keeps it");
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  tap::ok(mine.try_take(), "a dead holder's is taken over");
  mine.give_up(now);
  tap::ok(mine.try_take(), "and is as good as new");
}

void scoreboard() {
  Shared shared(2);
  shared.slot(1).add(ipc::Counter::accepted, 3);
  shared.slot(1).say_last_words(std::string(300, 'x'));
  tap::is(shared.slot(1).heard_last_words().size(), 255u, "last words are cut to their place");
  shared.begin(1, now);
  tap::ok(shared.slot(1).heard_last_words().empty() && shared.slot(1).state == State::starting,
          "a new worker begins with a clean slot");
  tap::is(shared.slot(1).count(ipc::Counter::accepted), 3u, "but counts go on");
  set(shared, 0, 5);
  shared.end(1);
  tap::ok(called(shared, 0) && !called(shared, 1), "when one has ended the others are called");
}

}  // namespace

int main() {
  successor();
  hand_over();
  dead_holder();
  scoreboard();
  return tap::done();
}
