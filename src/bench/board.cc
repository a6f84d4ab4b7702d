// See board.h.
#include "bench/board.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <system_error>

namespace bench {
namespace {

constexpr size_t align = 64;

size_t rounded(size_t size) {
  return (size + align - 1) / align * align;
}

// The first one stays.
void write(std::array<char, 256>& place, std::string_view text) {
  if (place[0] == '\0') std::copy_n(text.begin(), std::min(text.size(), place.size() - 1), place.begin());
}

}  // namespace

void Part::fail(std::string_view why) {
  write(failure, why);
}

void Part::note(std::string_view what) {
  write(oddity, what);
}

void Spread::reach(int64_t us) {
  const auto value = static_cast<uint32_t>(std::clamp<int64_t>(us, 0, UINT32_MAX));
  uint32_t seen = last_us.load();
  while (seen < value && !last_us.compare_exchange_weak(seen, value)) {
  }
  reached.fetch_add(1);
}

Board::Board(size_t parts, size_t messages) {
  const size_t parts_at = rounded(sizeof(Control));
  const size_t spreads_at = rounded(parts_at + parts * sizeof(Part));
  size_ = spreads_at + messages * sizeof(Spread);
  memory_ = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory_ == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "shared memory");
  char* const base = static_cast<char*>(memory_);
  control_ = new (base) Control;
  parts_ = {new (base + parts_at) Part[parts], parts};
  spreads_ = {new (base + spreads_at) Spread[messages], messages};
}

Board::~Board() {
  munmap(memory_, size_);
}

int64_t Board::sum(Count count) const {
  int64_t sum = 0;
  for (const Part& part : parts_)
    sum += part.counts[static_cast<size_t>(count)].load(std::memory_order_relaxed);
  return sum;
}

Histogram Board::sum(Latency kind) const {
  Histogram sum;
  for (const Part& part : parts_) sum.add(part.latency[static_cast<size_t>(kind)]);
  return sum;
}

}  // namespace bench
