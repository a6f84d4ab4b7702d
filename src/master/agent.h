// Agent: what HAProxy's agent check is told. One line a connection: "ready" or "drain", nothing else.
//
// HAProxy takes `up` and `down` for a verdict over its own checks, so these are never said; and a node
// takes itself out for its own faults alone, never because the store is away. Nothing here blocks.
#pragma once

#include <cstdint>

namespace master {

class Agent {
 public:
  // True if the descriptor is to be polled now: not while descriptors are short, or it would spin.
  bool wants(int64_t now) const { return now >= paused_until_; }
  // Answers who has come to the listening socket.
  void answer(int listening_fd, bool ready, int64_t now);

 private:
  int64_t paused_until_ = 0;
};

}  // namespace master
