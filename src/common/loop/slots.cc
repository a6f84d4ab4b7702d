// See slots.h. A slot that becomes free is given to the first who waits at once, so nobody overtakes.
#include "common/loop/slots.h"

namespace loop {

Slots::Take::~Take() {
  if (granted_) slots_.release();
}

bool Slots::Take::await_ready() noexcept {
  granted_ = slots_.free_ > 0;
  slots_.free_ -= granted_;
  return granted_;
}

void Slots::Take::await_suspend(std::coroutine_handle<> h) noexcept {
  handle = h;
  place_.owner = this;
  place_.insert_before(slots_.waiting_);
}

Slots::Held Slots::Take::await_resume() noexcept {
  granted_ = false;
  return Held(slots_);
}

void Slots::release() {
  if (!waiting_.linked()) {
    ++free_;
    return;
  }
  auto& place = static_cast<Take::Place&>(*waiting_.next());
  place.unlink();
  place.owner->granted_ = true;
  place.owner->loop_.ready(*place.owner);
}

}  // namespace loop
