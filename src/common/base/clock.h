// The two clocks. Timers and ages use mono_ms(), which no operator can set; wall_ms() is for what a
// person or another node reads.
#pragma once

#include <cstdint>

namespace base {

int64_t mono_ms();  // milliseconds, CLOCK_MONOTONIC
int64_t wall_ms();  // milliseconds since 1970, UTC

}  // namespace base
