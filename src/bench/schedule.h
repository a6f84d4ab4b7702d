// Schedule: when each message of an open loop is due, and which number it has in the whole run.
//
// Message n of the run is due n/rate seconds after the start, whatever became of the others: who is late
// sends at once what was due, and its latency counts from then on (no coordinated omission). The load
// processes deal the numbers out among them: process k of p has k, k+p, k+2p … Pure; it looks at no clock.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bench/clock.h"

namespace bench {

class Schedule {
 public:
  // A rate of 0 is a closed loop: it deals out numbers, and nothing is ever due.
  Schedule(double rate, size_t part, size_t parts) : rate_(rate), part_(part), parts_(parts) {}

  void start(int64_t at_us) { start_ = at_us; }
  bool open() const { return rate_ > 0; }
  // The number of the next one, and when it is due.
  int64_t number() const { return static_cast<int64_t>(turn_ * parts_ + part_); }
  int64_t due_us() const {
    if (!open() || start_ == never_us) return never_us;
    return start_ + static_cast<int64_t>(static_cast<double>(number()) * second_us / rate_);
  }
  // Which turn of this process it is, from 0.
  uint64_t turn() const { return turn_; }
  void advance() { ++turn_; }

 private:
  double rate_;
  size_t part_;
  size_t parts_;
  uint64_t turn_ = 0;
  int64_t start_ = never_us;
};

}  // namespace bench
