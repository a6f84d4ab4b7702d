// The loop: tasks, scopes, what waits, what is buried, and what destroys itself meanwhile.
#include <unistd.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "turns.h"

namespace {

using loop::Millis;
using loop::Task;

// Says when it dies.
struct Tracked {
  Tracked(std::string& log, char name) : log(log), name(name) {}
  ~Tracked() { log += name; }
  std::string& log;
  const char name;
};

Task<int> give(int value) {
  co_return value;
}

Task<int> sum(loop::Loop& loop, int depth) {
  if (depth == 0) {
    co_await loop::sleep(loop, Millis(1));
    co_return 0;
  }
  const int below = co_await sum(loop, depth - 1);
  co_return below + 1;
}

Task<int> no_wait(int times) {
  int total = 0;
  for (int i = 0; i < times; ++i) {
    const int one = co_await give(1);
    total += one;
  }
  co_return total;
}

void values(loop::Loop& loop) {
  tap::is(tap::run(loop, give(7)), 7, "a task gives its value");
  tap::is(tap::run(loop, sum(loop, 100)), 100, "through a hundred frames and a wait");
  tap::is(tap::run(loop, no_wait(300000)), 300000, "300,000 that never wait need no stack");
}

Task<void> note(std::string& log, char at_start, loop::Loop& loop, char at_end, int ms = 1) {
  const Tracked tracked(log, '.');
  log += at_start;
  co_await loop::sleep(loop, Millis(ms));
  log += at_end;
}

void scopes(loop::Loop& loop) {
  std::string log;
  tap::Roots roots(loop);
  roots.spawn(note(log, 'a', loop, 'A'));
  tap::is(log, std::string("a"), "spawn runs up to the first wait");
  tap::is(roots.size(), size_t{1}, "and the scope has a root");
  tap::until(loop, [&] { return roots.size() == 0; });
  tap::is(log, std::string("aA."), "at its end its locals die, and it leaves the scope");
}

Task<void> holder(std::string& log, loop::Loop& loop, int depth) {
  const Tracked tracked(log, static_cast<char>('0' + depth));
  if (depth > 0)
    co_await holder(log, loop, depth - 1);
  else
    co_await loop::sleep(loop, Millis(60000));
  log += "never";
}

void cancelled(loop::Loop& loop) {
  std::string log;
  {
    tap::Roots roots(loop);
    roots.spawn(holder(log, loop, 3));
    tap::settle(loop);
    tap::is(log, std::string(), "four frames wait");
  }
  tap::is(log, std::string("0123"), "a scope that dies cancels them, the leaf first");
  tap::settle(loop);
  tap::is(log, std::string("0123"), "and nothing of them runs later");
}

// What was ready already dies before its turn.
void cancelled_when_ready(loop::Loop& loop) {
  std::string log;
  loop::Signal signal;
  const auto waiting = [](std::string& out, loop::Signal& on, loop::Loop& l, char name) -> Task<void> {
    const bool woken = co_await on.wait(l, Millis(60000));
    out += woken ? name : '-';
  };
  auto second = std::make_unique<tap::Roots>(loop);
  const auto first = [](std::string& out, loop::Signal& on, loop::Loop& l,
                        std::unique_ptr<tap::Roots>& victim) -> Task<void> {
    co_await on.wait(l, Millis(60000));
    out += 'k';
    victim.reset();
  };
  tap::Roots roots(loop);
  roots.spawn(first(log, signal, loop, second));
  second->spawn(waiting(log, signal, loop, 'v'));
  second->spawn(waiting(log, signal, loop, 'w'));
  signal.wake();
  tap::settle(loop);
  tap::is(log, std::string("k"), "one that is resumed first may cancel others that are ready");
}

Task<void> throws_after(loop::Loop& loop, int ms, const char* what) {
  if (ms > 0) co_await loop::sleep(loop, Millis(ms));
  throw std::runtime_error(what);
}

Task<void> catches(std::string& log, loop::Loop& loop, int ms) {
  try {
    co_await throws_after(loop, ms, "inner");
  } catch (const std::runtime_error& e) {
    log += e.what();
  }
  log += '.';
}

void exceptions(loop::Loop& loop) {
  std::string log;
  loop::Scope scope(loop, [&log](std::exception_ptr error) {
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& e) {
      log += e.what();
    }
  });
  scope.spawn(throws_after(loop, 0, "now "));
  tap::is(log, std::string("now "), "an exception before the first wait goes to on_error");
  tap::is(scope.size(), size_t{0}, "and its root has left the scope by then");
  scope.spawn(throws_after(loop, 1, "later"));
  tap::until(loop, [&] { return scope.size() == 0; });
  tap::is(log, std::string("now later"), "one after a wait too");
  log.clear();
  scope.spawn(catches(log, loop, 0));
  scope.spawn(catches(log, loop, 1));
  tap::until(loop, [&] { return scope.size() == 0; });
  tap::is(log, std::string("inner.inner."), "who awaits may catch it");
}

// on_error closes the session, which owns the scope: it is buried.
struct Session {
  explicit Session(loop::Loop& loop, std::unique_ptr<Session>& self, std::string& log)
      : tracked(log, 's'), scope(loop, [&loop, &self](std::exception_ptr) { loop.bury(std::move(self)); }) {}
  Tracked tracked;
  loop::Scope scope;
};

void error_buries_its_scope(loop::Loop& loop) {
  std::string log;
  std::unique_ptr<Session> session;
  session = std::make_unique<Session>(loop, session, log);
  session->scope.spawn(holder(log, loop, 0));
  session->scope.spawn(throws_after(loop, 1, "bug"));
  tap::until(loop, [&] { return !log.empty(); });
  tap::is(log, std::string("0s"), "on_error may bury the scope's owner: the other roots die with it");
}

void buried(loop::Loop& loop) {
  std::string log;
  tap::Roots roots(loop);
  roots.spawn(note(log, '-', loop, 'z', 500));  // an event to wait for
  log.clear();
  loop.bury(std::make_unique<Tracked>(log, 'a'));
  tap::is(log, std::string(), "what is buried lives on");
  loop.turn(true);
  tap::is(log, std::string("a"), "until the top, which does not wait for an event before");
  struct Nested {
    ~Nested() { loop.bury(std::make_unique<Tracked>(log, 'b')); }
    loop::Loop& loop;
    std::string& log;
  };
  loop.bury(std::unique_ptr<Nested>(new Nested{loop, log}));
  loop.turn(true);
  tap::is(log, std::string("a"), "what is buried at the top waits for the next");
  loop.turn(true);
  tap::is(log, std::string("ab"), "and gets it");
}

Task<void> waits(loop::Signal& signal, loop::Loop& loop, int ms, std::string& log) {
  const bool woken = co_await signal.wait(loop, Millis(ms));
  log += woken ? 'w' : 'd';
}

void signals(loop::Loop& loop) {
  std::string log;
  tap::Roots roots(loop);
  loop::Signal signal;
  for (int i = 0; i < 3; ++i) roots.spawn(waits(signal, loop, 60000, log));
  signal.wake();
  tap::is(log, std::string(), "wake resumes nobody by itself");
  signal.wake();
  tap::settle(loop);
  tap::is(log, std::string("www"), "the top does: all, once");
  log.clear();
  roots.spawn(waits(signal, loop, 5, log));
  roots.spawn(waits(signal, loop, 60000, log));
  tap::until(loop, [&] { return !log.empty(); });
  tap::is(log, std::string("d"), "a deadline passes for one alone");
  signal.wake();
  tap::settle(loop);
  tap::is(log, std::string("dw"), "the other is woken");
  {
    tap::Roots dying(loop);
    dying.spawn(waits(signal, loop, 60000, log));
  }
  signal.wake();
  tap::settle(loop);
  tap::is(log, std::string("dw"), "who died waiting is not woken");
  roots.spawn(waits(signal, loop, 5, log));
  usleep(20000);
  signal.wake();
  tap::settle(loop);
  tap::is(log, std::string("dww"), "woken before the loop could see that the deadline has passed: woken");
}

void signal_dies(loop::Loop& loop) {
  std::string log;
  tap::Roots roots(loop);
  auto signal = std::make_unique<loop::Signal>();
  roots.spawn(waits(*signal, loop, 5, log));
  roots.spawn(waits(*signal, loop, 10, log));
  roots.spawn(waits(*signal, loop, 60000, log));
  signal.reset();
  tap::until(loop, [&] { return log.size() == 2; });
  tap::is(log, std::string("dd"), "a signal that dies leaves the deadlines to those who wait");
}

Task<void> wakes_again(loop::Signal& signal, loop::Loop& loop, int times, int& done) {
  for (int i = 0; i < times; ++i) co_await signal.wait(loop, Millis(60000));
  ++done;
}

// Two that wait once more when woken: wake() in between must not starve or spin.
void signal_waits_again(loop::Loop& loop) {
  loop::Signal signal;
  tap::Roots roots(loop);
  int done = 0;
  for (int i = 0; i < 2; ++i) roots.spawn(wakes_again(signal, loop, 3, done));
  for (int i = 0; i < 2; ++i) {
    signal.wake();
    tap::settle(loop, 1);
  }
  tap::is(done, 0, "a waiter that waits again is not woken by the same wake");
  signal.wake();
  tap::settle(loop, 1);
  tap::is(done, 2, "but by the next");
}

void sleeps(loop::Loop& loop) {
  std::string log;
  tap::Roots roots(loop);
  const auto sleeper = [](loop::Loop& l, int ms, std::string& out, char name) -> Task<void> {
    co_await loop::sleep(l, Millis(ms));
    out += name;
  };
  const int64_t before = base::mono_ms();
  roots.spawn(sleeper(loop, 30, log, 'c'));
  roots.spawn(sleeper(loop, 0, log, 'a'));
  roots.spawn(sleeper(loop, 15, log, 'b'));
  tap::until(loop, [&] { return roots.size() == 0; });
  tap::is(log, std::string("abc"), "sleepers wake in the order of their times");
  tap::ok(base::mono_ms() - before >= 29, "and not before");
}

}  // namespace

int main() {
  loop::Loop loop;
  values(loop);
  scopes(loop);
  cancelled(loop);
  cancelled_when_ready(loop);
  exceptions(loop);
  error_buries_its_scope(loop);
  buried(loop);
  signals(loop);
  signal_dies(loop);
  signal_waits_again(loop);
  sleeps(loop);
  return tap::done();
}
