// Board: the memory that the load processes share with the one that started them: who is how far, what was
// counted and measured. Each part is written by one process and read by the parent; nothing is locked.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>

#include "bench/clock.h"
#include "bench/count.h"
#include "bench/histogram.h"

namespace bench {

// Written by the parent, but for `groups_made`.
struct Control {
  std::atomic<int64_t> start_us{never_us};  // the load begins; warming up
  std::atomic<int64_t> from_us{never_us};   // what is due from here on is measured
  std::atomic<int64_t> to_us{never_us};     // nothing new is due from here on
  std::atomic<bool> stop{false};
  std::atomic<bool> groups_made{false};
};

// One load process.
struct Part {
  std::atomic<bool> ready{false};
  std::atomic<bool> all_begun{false};  // everything that was due is counted
  std::array<Histogram, latency_words.size()> latency;
  std::array<std::atomic<int64_t>, count_names.size()> counts{};
  std::array<char, 256> failure{};  // why it gave up
  std::array<char, 256> oddity{};   // the first thing that went wrong and did not end it

  void add(Count count, int64_t by = 1) {  // one writer: no locked instruction
    std::atomic<int64_t>& cell = counts[static_cast<size_t>(count)];
    cell.store(cell.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
  void record(Latency kind, int64_t us) { latency[static_cast<size_t>(kind)].record(us); }
  void fail(std::string_view why);
  void note(std::string_view what);
};

// One message to a group: how far it has come. Written by all.
struct Spread {
  std::atomic<uint32_t> reached{0};
  std::atomic<uint32_t> last_us{0};  // the latency of the member reached last

  void reach(int64_t us);
};

class Board {
 public:
  // Made before the fork. `messages`: for how many there is a Spread.
  Board(size_t parts, size_t messages);
  ~Board();
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;

  Control& control() { return *control_; }
  std::span<Part> parts() { return parts_; }
  std::span<Spread> spreads() { return spreads_; }

  int64_t sum(Count count) const;
  Histogram sum(Latency kind) const;

 private:
  size_t size_;
  void* memory_;
  Control* control_ = nullptr;
  std::span<Part> parts_;
  std::span<Spread> spreads_;
};

}  // namespace bench
