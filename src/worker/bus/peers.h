// Peers: the other workers, by their beats. It says which one fell silent without a goodbye, so that what
// it committed and never told can be read from the store. Pure: the bus hands it beats and the time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace bus {

// A worker that fell silent.
struct Lost {
  uint64_t origin = 0;
  int64_t silent_ms = 0;  // how long ago its last beat came
};

class Peers {
 public:
  void heard(uint64_t origin, int64_t now_ms) { peers_[origin] = {now_ms, now_ms}; }
  void left(uint64_t origin) { peers_.erase(origin); }
  // We could not listen ourselves: nobody is judged for the silence before `until_ms`.
  void forgive(int64_t until_ms);
  // Those that were silent for too long; they are forgotten.
  std::vector<Lost> lost(int64_t now_ms);
  size_t size() const { return peers_.size(); }

 private:
  struct Peer {
    int64_t last_beat_ms;
    int64_t judged_from_ms;
  };
  std::unordered_map<uint64_t, Peer> peers_;
};

}  // namespace bus
