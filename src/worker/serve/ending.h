// hang_up: the end of a connection on which nothing more is said.
#pragma once

#include <cstdint>

#include "common/loop/task.h"
#include "worker/net/stream.h"

namespace serve {

// For a slow peer to take what is queued for it; ms.
inline constexpr int64_t flush_ms = 5000;

// Writes what is queued, closes our side, and reads and drops what still comes for a moment: a reset would
// take our last words away from the peer. Ends within 7 s. Does not close the socket.
loop::Task<void> hang_up(loop::Loop& loop, net::Stream& stream);

}  // namespace serve
