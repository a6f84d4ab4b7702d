// Histogram: how often which latency occurred, in logarithmic buckets: below 128 us each microsecond has its
// own, above 64 buckets share each power of two, so that what is read off is at most 0.8 % wrong.
//
// Plain data without a pointer: it lies in memory that processes share. One writes, others may look at the
// same time and see a state of a moment ago; nothing is locked.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace bench {

class Histogram {
 public:
  // Negative values count as 0, those above 2^36 us (19 hours) as that.
  void record(int64_t us);
  void add(const Histogram& other);
  // What was recorded since `earlier`, a copy of this one; its max() is as inexact as its quantiles.
  Histogram since(const Histogram& earlier) const;

  uint64_t count() const { return load(count_); }
  int64_t max() const { return static_cast<int64_t>(load(max_)); }
  double mean() const;
  // The value that the share `q` (0 to 1) of all does not exceed; 0 if there is none.
  int64_t quantile(double q) const;
  // The share of those at or below `us`; 1 if there is none.
  double share_within(int64_t us) const;

 private:
  static constexpr int fine_bits = 6;  // 64 buckets an octave
  static constexpr int top_bits = 36;
  static constexpr size_t fine = size_t{1} << fine_bits;
  static constexpr size_t buckets = 2 * fine + (top_bits - fine_bits - 1) * fine;

  static size_t bucket(uint64_t us);
  static uint64_t lowest(size_t bucket);
  static uint64_t middle(size_t bucket);
  static uint64_t load(const uint64_t& value);
  static void store(uint64_t& value, uint64_t now);

  std::array<uint64_t, buckets> counts_{};
  uint64_t count_ = 0;
  uint64_t sum_ = 0;
  uint64_t max_ = 0;
};

}  // namespace bench
