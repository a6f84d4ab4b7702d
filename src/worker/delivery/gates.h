// Gates: the gate of every conversation that has a user here, found by the conversation. One is made when it
// is first asked for, and goes with its last user; at the bound `gates` that of the conversation that has
// been silent for longest goes, and its next message costs one question to the store.
//
// Owned by the router. Never passes a message.
#pragma once

#include <list>
#include <unordered_map>
#include <unordered_set>

#include "common/conf/settings.h"
#include "worker/delivery/gate.h"
#include "worker/delivery/rooms.h"
#include "worker/session/registry.h"

namespace delivery {

class Gates {
 public:
  Gates(const conf::Settings& settings, session::Registry& registry, Rooms& rooms)
      : settings_(settings), registry_(registry), rooms_(rooms) {}

  // Of two users; of a group, if they are 0. nullptr: none of its users is here. A gate may go at any wait:
  // it is found anew after each.
  Gate* get(int64_t conv, int64_t user, int64_t other);
  Gate* find(int64_t conv);
  // The gate that this coroutine of the router's works on; nullptr: it is gone, or another one works on it.
  Gate* find(int64_t conv, uint64_t worker);
  void forget(int64_t conv);
  // The user's last session here is gone.
  void user_left(int64_t user);
  size_t size() const { return gates_.size(); }

 private:
  struct Kept {
    Gate gate;
    std::list<int64_t>::iterator age;
  };
  Gate* make(int64_t conv, int64_t low, int64_t high);
  void make_room();

  const conf::Settings& settings_;
  session::Registry& registry_;
  Rooms& rooms_;
  std::unordered_map<int64_t, Kept> gates_;
  std::list<int64_t> by_age_;  // conversations, the one that has been silent for longest first
  std::unordered_map<int64_t, std::unordered_set<int64_t>> by_user_;  // the gates of a user who is here
};

}  // namespace delivery
