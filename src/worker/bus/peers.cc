// See peers.h.
#include "worker/bus/peers.h"

#include <algorithm>

namespace bus {
namespace {

constexpr int64_t silence_ms = 3000;

}  // namespace

void Peers::forgive(int64_t until_ms) {
  for (auto& [origin, peer] : peers_) peer.judged_from_ms = std::max(peer.judged_from_ms, until_ms);
}

std::vector<Lost> Peers::lost(int64_t now_ms) {
  std::vector<Lost> lost;
  std::erase_if(peers_, [&](const auto& entry) {
    if (now_ms - entry.second.judged_from_ms < silence_ms) return false;
    lost.push_back({entry.first, now_ms - entry.second.last_beat_ms});
    return true;
  });
  return lost;
}

}  // namespace bus
