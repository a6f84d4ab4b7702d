// Reads the kernel's clocks through the vDSO: no system call.
#include "common/base/clock.h"

#include <ctime>

namespace base {
namespace {

int64_t read_ms(clockid_t id) {
  timespec t{};
  clock_gettime(id, &t);
  return int64_t{t.tv_sec} * 1000 + t.tv_nsec / 1000000;
}

}  // namespace

int64_t mono_ms() {
  return read_ms(CLOCK_MONOTONIC);
}
int64_t wall_ms() {
  return read_ms(CLOCK_REALTIME);
}

}  // namespace base
