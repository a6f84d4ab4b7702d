// See rate_table.h. Two workers that take the same place at the same moment may forget one of two counts.
#include "common/ipc/rate_table.h"

#include <sys/mman.h>
#include <sys/random.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cerrno>
#include <system_error>

namespace ipc {
namespace {

constexpr size_t ways = 4;

// How long until one more fits: 0 or less if it does.
int64_t excess_us(int64_t drained_us, Rate rate, int64_t now_us) {
  const int64_t each_us = 1'000'000 / rate.per_second;
  return std::max(drained_us, now_us) + each_us - rate.burst * each_us - now_us;
}

int64_t up_to_ms(int64_t us) {
  return us <= 0 ? 0 : (us + 999) / 1000;
}

}  // namespace

void RateTable::Unmap::operator()(void* memory) const {
  munmap(memory, size);
}

RateTable::RateTable(size_t places) {
  assert(std::has_single_bit(places));
  const size_t count = places * ways, size = count * sizeof(Bucket);
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
  memory_ = std::unique_ptr<void, Unmap>(memory, Unmap{size});
  // Pages of zeros are empty buckets: constructing them would touch each.
  buckets_ = std::span(static_cast<Bucket*>(memory), count);
  if (getrandom(seed_.data(), seed_.size(), 0) != static_cast<ssize_t>(seed_.size()))
    throw std::system_error(errno, std::generic_category(), "getrandom");
}

std::span<RateTable::Bucket> RateTable::place(uint64_t key) const {
  return buckets_.subspan(key % (buckets_.size() / ways) * ways, ways);
}

RateTable::Bucket* RateTable::find(uint64_t key) const {
  const auto among = place(key);
  const auto found = std::find_if(among.begin(), among.end(), [&](const Bucket& b) { return b.key == key; });
  return found == among.end() ? nullptr : &*found;
}

RateTable::Bucket& RateTable::find_or_take(uint64_t key) {
  if (Bucket* known = find(key)) return *known;
  const auto among = place(key);
  auto& emptiest = *std::min_element(among.begin(), among.end(), [](const Bucket& a, const Bucket& b) {
    return a.drained_us < b.drained_us;
  });
  emptiest.key = key;
  emptiest.drained_us = 0;
  return emptiest;
}

int64_t RateTable::wait(uint64_t key, Rate rate, int64_t now) const {
  if (rate.per_second == 0) return 0;
  const Bucket* bucket = find(key);
  return bucket ? up_to_ms(excess_us(bucket->drained_us, rate, now * 1000)) : 0;
}

int64_t RateTable::take(uint64_t key, Rate rate, int64_t now) {
  if (rate.per_second == 0) return 0;
  Bucket& bucket = find_or_take(key);
  const int64_t now_us = now * 1000;
  int64_t drained = bucket.drained_us;
  do {
    if (const int64_t excess = excess_us(drained, rate, now_us); excess > 0) return up_to_ms(excess);
  } while (!bucket.drained_us.compare_exchange_weak(drained,
                                                    std::max(drained, now_us) + 1'000'000 / rate.per_second));
  return 0;
}

}  // namespace ipc
