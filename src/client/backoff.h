// Backoff: how long to wait before connecting again. Doubles from a quarter of a second to ten seconds, and
// takes a random part of that, so that the clients of a dead node do not come back all at once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>

namespace client {

class Backoff {
 public:
  static constexpr int64_t first_ms = 250;
  static constexpr int64_t most_ms = 10000;

  int64_t next() {
    const int64_t most = most_;
    most_ = std::min(most_ * 2, most_ms);
    return std::uniform_int_distribution<int64_t>(0, most)(random_);
  }
  void reset() { most_ = first_ms; }

 private:
  int64_t most_ = first_ms;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace client
