// See ending.h.
#include "worker/serve/ending.h"

#include "common/base/clock.h"
#include "common/loop/wait.h"

namespace serve {
namespace {

constexpr loop::Millis linger(2000);  // for the peer to read our last words before a reset may eat them

}  // namespace

loop::Task<void> hang_up(loop::Loop& loop, net::Stream& stream) {
  stream.discard_input();
  const int64_t flushed_by = base::mono_ms() + flush_ms;
  while (stream.queued() > 0 && !stream.broken() && base::mono_ms() < flushed_by)
    co_await stream.drained().wait(loop, loop::look_again);
  if (stream.broken() || stream.ended() || stream.queued() > 0) co_return;
  stream.shut_down();
  // What it still sends is read and dropped: a reset would take the last words away from it.
  const int64_t gone_by = base::mono_ms() + linger.count();
  for (int64_t left = linger.count(); !stream.ended() && left > 0; left = gone_by - base::mono_ms())
    co_await stream.arrived().wait(loop, loop::Millis(left));
}

}  // namespace serve
