// For unit tests that need a loop: turn it until something holds, run a task to its end, spend some time.
// Owned by nobody; each function gives the loop back as it was.
#pragma once

#include <optional>
#include <utility>

#include "common/base/clock.h"
#include "common/loop/scope.h"
#include "common/loop/wait.h"
#include "tap.h"

namespace tap {

// Turns the loop until the condition holds; false after a limit that only a broken program reaches.
template <class Condition>
bool until(loop::Loop& loop, Condition condition, int64_t limit_ms = 60000) {
  struct Tick {
    explicit Tick(loop::Loop& loop)
        : timer(
              loop, [](void* self) { static_cast<Tick*>(self)->again(); }, this) {
      again();
    }
    void again() { timer.start(loop::Millis(5)); }
    loop::Timer timer;
  } tick(loop);
  const int64_t end = base::mono_ms() + limit_ms;
  while (!condition()) {
    if (base::mono_ms() > end) return false;
    loop.turn(true);
  }
  return true;
}

inline void spend(loop::Loop& loop, int64_t ms) {
  const int64_t end = base::mono_ms() + ms;
  until(loop, [end] { return base::mono_ms() >= end; });
}

// Turns that wait for nothing: what is ready runs, what is dead is freed.
inline void settle(loop::Loop& loop, int turns = 3) {
  for (int i = 0; i < turns; ++i) loop.turn(false);
}

// A scope in which an exception is a failed test.
class Roots : public loop::Scope {
 public:
  explicit Roots(loop::Loop& loop)
      : loop::Scope(loop, [](std::exception_ptr) { tap::ok(false, "no exception reaches a root"); }) {}
};

template <class T>
loop::Task<void> keep(loop::Task<T> task, std::optional<T>& place) {
  T value = co_await std::move(task);
  place.emplace(std::move(value));
}

// The task's value, once it has ended. REQUIRES: it ends.
template <class T>
T run(loop::Loop& loop, loop::Task<T> task) {
  std::optional<T> value;
  Roots roots(loop);
  roots.spawn(keep(std::move(task), value));
  if (!until(loop, [&] { return value.has_value(); })) std::abort();
  settle(loop, 1);
  return std::move(*value);
}

}  // namespace tap
