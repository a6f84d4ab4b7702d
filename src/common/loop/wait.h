// The leaves that the loop itself offers: sleep(), and Signal, a condition that coroutines wait for.
// Every wait that depends on a peer or a server takes a deadline.
#pragma once

#include "common/loop/loop.h"
#include "common/loop/watch.h"

namespace loop {

// co_await sleep(loop, Millis(20));
class Sleep : private Waiter {
 public:
  Sleep(Loop& loop, Millis after);
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h) noexcept;
  void await_resume() const noexcept {}

 private:
  Loop& loop_;
  Timer timer_;
  Millis after_;
};
inline Sleep sleep(Loop& loop, Millis after) {
  return Sleep(loop, after);
}

// For a wait that is woken by a peer, and has its deadline elsewhere: should a wake be lost, it looks again.
inline constexpr Millis look_again(1000);

// A place where any number of coroutines wait until wake(). `co_await signal.wait(loop, Millis(500))`
// gives true when woken, false at the deadline. Wakes all; who needs a condition looks again.
class Signal {
 public:
  class Wait : private Waiter {
   public:
    Wait(Signal& signal, Loop& loop, Millis deadline);
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> h) noexcept;
    bool await_resume() const noexcept { return !expired_; }

   private:
    friend class Signal;
    struct Place : Link {
      Wait* owner = nullptr;
    };
    Signal& signal_;
    Loop& loop_;
    Timer timer_;
    Millis deadline_;
    Place place_;
    bool expired_ = false;
  };

  Wait wait(Loop& loop, Millis deadline) { return Wait(*this, loop, deadline); }
  void wake();

 private:
  Link waiting_;
};

}  // namespace loop
