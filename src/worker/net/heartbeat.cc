// See heartbeat.h.
#include "worker/net/heartbeat.h"

#include "common/base/clock.h"

namespace net {

Heartbeat::Heartbeat(loop::Loop& loop, ipc::Slot& slot)
    : slot_(slot),
      timer_(
          loop, [](void* self) { static_cast<Heartbeat*>(self)->beat(); }, this) {
  beat();
}

void Heartbeat::beat() {
  slot_.heartbeat.store(base::mono_ms(), std::memory_order_relaxed);
  timer_.start(interval);
}

}  // namespace net
