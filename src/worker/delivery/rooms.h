// Rooms: which members of which groups this worker serves, and since which epoch that is true.
//
// A room exists while a member is here, and holds the group's channel. Changes come from handlers (committed
// here), as hints from other workers, or are read from the store when a message of a later epoch says that
// something was missed. Owned by the worker. It delivers nothing itself.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "worker/bus/bus.h"
#include "worker/session/registry.h"
#include "worker/store/memberships.h"

namespace delivery {

class Rooms {
 public:
  struct Events {
    // A user who is here has become a member: its sessions receive what lies above seq. Once for each join.
    std::function<void(const store::Membership&)> joined;
    // A user who is here is none any more.
    std::function<void(const store::Membership&)> left;
    // Said to have joined at an epoch that the room has left behind: recheck() tells.
    std::function<void(const store::Membership&)> doubtful;
    // The last member here is gone.
    std::function<void(int64_t conv)> closed;
  };

  Rooms(session::Registry& registry, store::Memberships& memberships, bus::Bus& bus);
  // To be registered before anything else is called.
  void on(Events events) { events_ = std::move(events); }

  bool has(int64_t conv) const { return rooms_.contains(conv); }
  int64_t epoch(int64_t conv) const;  // 0: no room
  std::vector<session::Session*> sessions(int64_t conv) const;

  // A login. Before the user is registered: its groups as the store has them.
  loop::Task<base::Result<std::vector<store::Membership>>> groups_of(int64_t user);
  // Once it is registered: enters their rooms; ends when their channels are confirmed, or Redis is away.
  loop::Task<void> enter(std::vector<store::Membership> groups);
  // The user's last session here is gone.
  void user_left(int64_t user);

  // A committed change; the newest wins. Others that came before it may still be unknown.
  void apply(const store::Membership& change);
  // Asks the store whether the user is a member now.
  loop::Task<void> recheck(int64_t conv, int64_t user);
  // Until the group's channel is confirmed, or Redis is away.
  loop::Task<void> confirmed(int64_t conv);
  // Reads what has changed since the room's epoch. False: the store is away.
  loop::Task<bool> sync(int64_t conv);

 private:
  struct Room {
    int64_t epoch = 0;
    std::unordered_map<int64_t, int64_t> users{};  // who is here, and the seq after which it receives
  };
  // The seq after which a user who is here receives; nullopt: it is none of the room.
  std::optional<int64_t> joined(int64_t conv, int64_t user) const;
  void add(const store::Membership& change);
  void close(store::Membership change);
  void remove(int64_t conv, int64_t user);

  session::Registry& registry_;
  store::Memberships& memberships_;
  bus::Bus& bus_;
  Events events_;
  std::unordered_map<int64_t, Room> rooms_;
  std::unordered_map<int64_t, std::set<int64_t>> by_user_;
};

}  // namespace delivery
