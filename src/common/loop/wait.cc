// See wait.h. Timers call back from libevent, so they only mark the waiter ready.
#include "common/loop/wait.h"

namespace loop {

Sleep::Sleep(Loop& loop, Millis after)
    : loop_(loop),
      timer_(
          loop,
          [](void* self) {
            auto* sleep = static_cast<Sleep*>(self);
            sleep->loop_.ready(*sleep);
          },
          this),
      after_(after) {}

void Sleep::await_suspend(std::coroutine_handle<> h) noexcept {
  handle = h;
  timer_.start(after_);
}

Signal::Wait::Wait(Signal& signal, Loop& loop, Millis deadline)
    : signal_(signal),
      loop_(loop),
      timer_(
          loop,
          [](void* self) {
            auto* wait = static_cast<Wait*>(self);
            wait->expired_ = true;
            wait->place_.unlink();
            wait->loop_.ready(*wait);
          },
          this),
      deadline_(deadline) {}

void Signal::Wait::await_suspend(std::coroutine_handle<> h) noexcept {
  handle = h;
  place_.owner = this;
  place_.insert_before(signal_.waiting_);
  timer_.start(deadline_);
}

void Signal::wake() {
  while (waiting_.linked()) {
    auto& place = static_cast<Wait::Place&>(*waiting_.next());
    place.unlink();
    place.owner->timer_.stop();
    place.owner->loop_.ready(*place.owner);
  }
}

}  // namespace loop
