// The clock of every time that is measured: microseconds, CLOCK_MONOTONIC, the same in all load processes.
#pragma once

#include <cstdint>
#include <ctime>

namespace bench {

constexpr int64_t second_us = 1000000;
constexpr int64_t never_us = INT64_MAX;

inline int64_t now_us() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return int64_t{t.tv_sec} * second_us + t.tv_nsec / 1000;
}

}  // namespace bench
