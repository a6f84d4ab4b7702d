// RateTable: how fast each of very many (users, addresses) does something, told in memory that all workers of
// a node share.
//
// One number a key, by the generic cell rate algorithm (ITU-T I.371): the time at which the key's bucket will
// have drained. Made and owned by Shared. It is bounded: where four keys share a place and a fifth comes, the
// one that drains first is forgotten, so that a flood of keys makes limits milder and never harsher.
#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace ipc {

struct Rate {
  int64_t per_second = 0;  // 0: no limit
  int64_t burst = 1;       // so many at once; then per_second
};

class RateTable {
 public:
  static constexpr size_t default_places = 16384;  // of four keys: 1 MiB, touched as it is used

  // Throws std::system_error. REQUIRES: places is a power of two.
  explicit RateTable(size_t places = default_places);
  RateTable(const RateTable&) = delete;

  // Both answer 0 (it may), or after how many ms it may. take() counts it if it may. now: base::mono_ms().
  int64_t take(uint64_t key, Rate rate, int64_t now);
  int64_t wait(uint64_t key, Rate rate, int64_t now) const;

  // Random, and the same in all workers: keys are hashed with it, so that nobody can choose who shares a
  // place.
  using Seed = std::array<uint8_t, 16>;
  const Seed& seed() const { return seed_; }

 private:
  struct Bucket {
    std::atomic<uint64_t> key;
    std::atomic<int64_t> drained_us;
  };
  struct Unmap {
    size_t size;
    void operator()(void* memory) const;
  };
  std::span<Bucket> place(uint64_t key) const;
  Bucket* find(uint64_t key) const;
  Bucket& find_or_take(uint64_t key);

  Seed seed_{};
  std::unique_ptr<void, Unmap> memory_;
  std::span<Bucket> buckets_;  // within memory_
};

}  // namespace ipc
