// See loop.h. The top runs outside event_base_loop(), so no libevent callback is ever below a coroutine.
#include "common/loop/loop.h"

#include <event2/event.h>

#include <stdexcept>

namespace loop {
namespace {

// Two priorities: 0 for accepting (it must not starve behind traffic), 1 for all else.
constexpr int priorities = 2;

event_base* make_base() {
  std::unique_ptr<event_config, void (*)(event_config*)> config(event_config_new(), event_config_free);
  event_config_set_flag(config.get(), EVENT_BASE_FLAG_NOLOCK);
  event_config_set_flag(config.get(), EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
  event_base* base = event_base_new_with_config(config.get());
  if (base == nullptr) throw std::runtime_error("no event base");
  event_base_priority_init(base, priorities);
  return base;
}

}  // namespace

void Link::unlink() noexcept {
  prev_->next_ = next_;
  next_->prev_ = prev_;
  prev_ = next_ = this;
}

void Link::insert_before(Link& place) noexcept {
  prev_ = place.prev_;
  next_ = &place;
  place.prev_->next_ = this;
  place.prev_ = this;
}

Loop::Loop() : base_(make_base(), event_base_free) {}
Loop::~Loop() = default;

void Loop::ready(Waiter& waiter) {
  if (!waiter.linked()) waiter.insert_before(ready_);
}

void Loop::at_turn_end(Flush& flush) {
  if (!flush.linked()) flush.insert_before(flushes_);
}

void Loop::run() {
  while (!stopped_) turn(true);
}

void Loop::turn(bool wait) {
  event_base_loop(base_.get(), EVLOOP_ONCE | (wait && !pending() ? 0 : EVLOOP_NONBLOCK));
  top();
}

// What becomes ready while the list is worked off waits for the next turn, so that sockets get theirs.
void Loop::top() {
  Link batch;
  if (ready_.linked()) {
    batch.insert_before(ready_);
    ready_.unlink();
  }
  while (batch.linked()) {
    auto& waiter = static_cast<Waiter&>(*batch.next_);
    waiter.unlink();
    waiter.handle.resume();
  }
  while (flushes_.linked()) {
    auto& flush = static_cast<Flush&>(*flushes_.next_);
    flush.unlink();
    flush.flush();
  }
  const auto dead = std::move(graves_);
  graves_.clear();
}

}  // namespace loop
