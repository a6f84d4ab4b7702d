// See watch.h. event_assign() into a member: no allocation of its own for each of many sessions.
#include "common/loop/watch.h"

#include <event2/event.h>

namespace loop {

static_assert(readable == EV_READ && writable == EV_WRITE);

Watch::Watch(Loop& loop, int fd, short what, Callback callback, void* arg, int priority)
    : callback_(callback), arg_(arg) {
  event_assign(
      &event_, loop.base(), fd, static_cast<short>(what | EV_PERSIST),
      [](evutil_socket_t, short, void* self) {
        auto* watch = static_cast<Watch*>(self);
        watch->callback_(watch->arg_);
      },
      this);
  event_priority_set(&event_, priority);
}

void Watch::start() {
  if (started_) return;
  event_add(&event_, nullptr);
  started_ = true;
}

void Watch::stop() {
  if (!started_) return;
  event_del(&event_);
  started_ = false;
}

Timer::Timer(Loop& loop, Callback callback, void* arg) : callback_(callback), arg_(arg) {
  event_assign(
      &event_, loop.base(), -1, 0,
      [](evutil_socket_t, short, void* self) {
        auto* timer = static_cast<Timer*>(self);
        timer->started_ = false;
        timer->callback_(timer->arg_);
      },
      this);
}

void Timer::start(Millis after) {
  const timeval tv{after.count() / 1000, after.count() % 1000 * 1000};
  event_add(&event_, &tv);
  started_ = true;
}

void Timer::stop() {
  if (!started_) return;
  event_del(&event_);
  started_ = false;
}

}  // namespace loop
