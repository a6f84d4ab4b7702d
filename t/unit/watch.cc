// The loop's edges: what is flushed at a turn's end, descriptors and timers, and which of them may die when.
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "turns.h"

namespace {

using loop::Millis;

// Says when it dies.
struct Tracked {
  Tracked(std::string& log, char name) : log(log), name(name) {}
  ~Tracked() { log += name; }
  std::string& log;
  const char name;
};

struct Marks final : loop::Flush {
  Marks(std::string& log, char name) : log(log), name(name) {}
  void flush() override {
    log += name;
    if (then != nullptr) loop->at_turn_end(*then);
  }
  std::string& log;
  const char name;
  loop::Loop* loop = nullptr;
  loop::Flush* then = nullptr;
};

void flushes(loop::Loop& loop) {
  std::string log;
  Marks a(log, 'a'), b(log, 'b');
  auto gone = std::make_unique<Marks>(log, 'x');
  tap::Roots roots(loop);
  const auto writer = [](loop::Loop& l, Marks& one, std::string& out) -> loop::Task<void> {
    co_await loop::sleep(l, Millis(0));
    l.at_turn_end(one);
    out += 'r';
  };
  roots.spawn(writer(loop, b, log));
  while (log.empty()) loop.turn(true);
  tap::is(log, std::string("rb"), "what a coroutine has marked is flushed in the same turn");
  log.clear();
  loop.bury(std::make_unique<Tracked>(log, 'g'));
  for (loop::Flush* flush : std::vector<loop::Flush*>{&b, &a, gone.get(), &b}) loop.at_turn_end(*flush);
  gone.reset();
  a.loop = &loop;
  a.then = &b;
  loop.turn(true);
  tap::is(log, std::string("babg"), "each once and in order, one asked for by another too, the dead last");
}

struct Pair {
  Pair() { socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds); }
  ~Pair() {
    close(fds[0]);
    close(fds[1]);
  }
  int fds[2] = {-1, -1};
};

void watches(loop::Loop& loop) {
  const Pair pair;
  struct Watcher {
    std::unique_ptr<loop::Watch> watch;
    int calls = 0;
    int die_at = 0;
  } watcher;
  const auto on_readable = [](void* arg) {
    auto* w = static_cast<Watcher*>(arg);
    if (++w->calls == w->die_at) w->watch.reset();
  };
  watcher.watch = std::make_unique<loop::Watch>(loop, pair.fds[0], loop::readable, on_readable, &watcher);
  tap::ok(write(pair.fds[1], "x", 1) == 1, "something to read");
  tap::settle(loop);
  tap::is(watcher.calls, 0, "a watch that was not started calls nobody");
  watcher.watch->start();
  watcher.watch->start();
  tap::settle(loop, 2);
  tap::is(watcher.calls, 2, "a started one at each turn, for it stays");
  watcher.watch->stop();
  tap::settle(loop);
  tap::is(watcher.calls, 2, "a stopped one no more");
  watcher.die_at = 3;
  watcher.watch->start();
  tap::settle(loop);
  tap::is(watcher.calls, 3, "one may die in its own callback");
}

void timers(loop::Loop& loop) {
  struct Timed {
    std::unique_ptr<loop::Timer> timer;
    int calls = 0;
    bool die = false;
  } timed;
  const auto call = [](void* arg) {
    auto* t = static_cast<Timed*>(arg);
    ++t->calls;
    if (t->die) t->timer.reset();
  };
  timed.timer = std::make_unique<loop::Timer>(loop, call, &timed);
  timed.timer->start(Millis(1));
  tap::until(loop, [&] { return timed.calls == 1; });
  tap::ok(!timed.timer->started(), "a timer is one shot");
  timed.timer->start(Millis(1));
  timed.timer->start(Millis(60000));
  tap::spend(loop, 20);
  tap::is(timed.calls, 1, "starting it again moves it");
  timed.timer->start(Millis(1));
  timed.timer->stop();
  tap::spend(loop, 20);
  tap::is(timed.calls, 1, "a stopped one calls nobody");
  timed.die = true;
  timed.timer->start(Millis(1));
  tap::until(loop, [&] { return timed.calls == 2; });
  tap::ok(!timed.timer, "one may die in its own callback");
}

// Two watches on what becomes readable in the same turn: the first one's callback destroys the second.
void watch_kills_its_neighbour(loop::Loop& loop) {
  const Pair one, two;
  struct Both {
    std::unique_ptr<loop::Watch> watch[2];
    int calls = 0;
  } both;
  const auto kill_other = [](void* arg) {
    auto* b = static_cast<Both*>(arg);
    ++b->calls;
    b->watch[0].reset();
    b->watch[1].reset();
  };
  for (int i = 0; i < 2; ++i) {
    const int fd = (i == 0 ? one : two).fds[0];
    both.watch[i] = std::make_unique<loop::Watch>(loop, fd, loop::readable, kill_other, &both);
    both.watch[i]->start();
  }
  const bool written = write(one.fds[1], "x", 1) == 1 && write(two.fds[1], "x", 1) == 1;
  tap::settle(loop);
  tap::ok(written && both.calls == 1, "a callback may destroy a watch that is due in the same turn");
}

}  // namespace

int main() {
  loop::Loop loop;
  flushes(loop);
  watches(loop);
  timers(loop);
  watch_kills_its_neighbour(loop);
  return tap::done();
}
