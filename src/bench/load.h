// One load process, from its fork to its end.
#pragma once

#include "bench/scenario.h"

namespace bench {

// Forks. The child drives the scenario until the parent says stop, and exits; the parent gets its pid.
// What goes wrong in the child stands in its part of the board.
int start_load(const Kind& kind, const Run& run, size_t index);

}  // namespace bench
