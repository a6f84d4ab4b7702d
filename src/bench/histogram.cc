// See histogram.h.
#include "bench/histogram.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>

namespace bench {

uint64_t Histogram::load(const uint64_t& value) {
  return std::atomic_ref<uint64_t>(const_cast<uint64_t&>(value)).load(std::memory_order_relaxed);
}

// One writer: no need of a locked instruction.
void Histogram::store(uint64_t& value, uint64_t now) {
  std::atomic_ref<uint64_t>(value).store(now, std::memory_order_relaxed);
}

size_t Histogram::bucket(uint64_t us) {
  const int octave = std::max(0, static_cast<int>(std::bit_width(us)) - fine_bits - 1);
  return static_cast<size_t>(octave) * fine + (us >> octave);
}

uint64_t Histogram::lowest(size_t bucket) {
  if (bucket < 2 * fine) return bucket;
  const size_t octave = bucket / fine - 1;
  return uint64_t{bucket - octave * fine} << octave;
}

uint64_t Histogram::middle(size_t bucket) {
  return (lowest(bucket) + lowest(bucket + 1) - 1) / 2;
}

void Histogram::record(int64_t us) {
  const uint64_t value = std::clamp<int64_t>(us, 0, (int64_t{1} << top_bits) - 1);
  uint64_t& cell = counts_[bucket(value)];
  store(cell, cell + 1);
  store(sum_, sum_ + value);
  store(max_, std::max(max_, value));
  store(count_, count_ + 1);
}

void Histogram::add(const Histogram& other) {
  for (size_t i = 0; i < buckets; ++i) {
    const uint64_t n = load(other.counts_[i]);
    counts_[i] += n;
    count_ += n;
  }
  sum_ += load(other.sum_);
  max_ = std::max(max_, load(other.max_));
}

Histogram Histogram::since(const Histogram& earlier) const {
  Histogram out;
  for (size_t i = 0; i < buckets; ++i) {
    out.counts_[i] = counts_[i] - earlier.counts_[i];
    out.count_ += out.counts_[i];
    if (out.counts_[i] > 0) out.max_ = middle(i);
  }
  out.sum_ = sum_ - earlier.sum_;
  return out;
}

double Histogram::mean() const {
  return count() == 0 ? 0 : static_cast<double>(load(sum_)) / static_cast<double>(count());
}

int64_t Histogram::quantile(double q) const {
  const uint64_t total = count();
  if (total == 0) return 0;
  const auto rank = std::max<uint64_t>(1, static_cast<uint64_t>(std::ceil(q * static_cast<double>(total))));
  if (rank >= total) return max();
  uint64_t passed = 0;
  for (size_t i = 0; i < buckets; ++i) {
    passed += load(counts_[i]);
    if (passed >= rank) return static_cast<int64_t>(std::min(middle(i), load(max_)));
  }
  return max();
}

double Histogram::share_within(int64_t us) const {
  if (count() == 0) return 1;
  uint64_t within = 0;
  for (size_t i = 0; i < buckets && middle(i) <= static_cast<uint64_t>(us); ++i) within += load(counts_[i]);
  return static_cast<double>(within) / static_cast<double>(count());
}

}  // namespace bench
