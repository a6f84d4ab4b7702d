// Slots: so many coroutines may be at something at once; the others wait for their turn, first come, first
// served. `const Slots::Held held = co_await slots.take(loop);` keeps a slot until `held` dies.
//
// Whoever waits may die: its place goes to the next. It has no deadline of its own: the holders have theirs,
// and so it moves on. Must outlive everybody who holds or waits.
#pragma once

#include <cstdint>
#include <utility>

#include "common/loop/loop.h"

namespace loop {

class Slots {
 public:
  class [[nodiscard]] Held {
   public:
    explicit Held(Slots& slots) : slots_(&slots) {}
    Held(Held&& other) noexcept : slots_(std::exchange(other.slots_, nullptr)) {}
    ~Held() {
      if (slots_ != nullptr) slots_->release();
    }

   private:
    Slots* slots_;
  };

  class Take : private Waiter {
   public:
    Take(Slots& slots, Loop& loop) : slots_(slots), loop_(loop) {}
    ~Take();
    bool await_ready() noexcept;
    void await_suspend(std::coroutine_handle<> h) noexcept;
    Held await_resume() noexcept;

   private:
    friend class Slots;
    struct Place : Link {
      Take* owner = nullptr;
    };
    Slots& slots_;
    Loop& loop_;
    Place place_;
    bool granted_ = false;  // and not yet passed on to a Held
  };

  explicit Slots(int64_t count) : free_(count) {}
  Slots(const Slots&) = delete;

  Take take(Loop& loop) { return Take(*this, loop); }

 private:
  void release();

  int64_t free_;
  Link waiting_;
};

}  // namespace loop
