// Devices: how many sessions a user has, over all workers, and whose turn it is to go when there are too
// many.
//
// Owned by the worker. Nobody counts them all: a worker that serves a session hears, on the user's channel,
// of every one that comes after it and of its end, and a session with max_sessions_per_user younger ones is
// the oldest of too many. What is told gets lost while Redis is away; then there may be more for a while.
#pragma once

#include <compare>
#include <set>
#include <unordered_map>

#include "common/conf/settings.h"
#include "worker/bus/bus.h"
#include "worker/session/registry.h"

namespace delivery {

class Devices {
 public:
  Devices(const conf::Settings& settings, session::Registry& registry, bus::Bus& bus)
      : settings_(settings), registry_(registry), bus_(bus) {}

  // A session here has logged in; one that had has ended, and is no longer in the registry.
  void came(const session::Session& session);
  void left(const session::Identity& identity, uint64_t session);
  // Another worker tells of one of its own.
  void arrived(const bus::Envelope& envelope);
  // A worker is gone, with all its sessions; or nobody knows what was missed.
  void forget(uint64_t origin);
  void forget_all() { elsewhere_.clear(); }

 private:
  // In the order of age.
  struct Place {
    int64_t since;
    uint64_t origin;
    uint64_t session;
    auto operator<=>(const Place&) const = default;
  };
  Place place(const session::Identity& identity, uint64_t session) const;
  void tell(bus::Kind kind, const session::Identity& identity, uint64_t session);
  void tell_younger(int64_t user, const Place& older);
  void thin_out(int64_t user);

  const conf::Settings& settings_;
  session::Registry& registry_;
  bus::Bus& bus_;
  std::unordered_map<int64_t, std::set<Place>> elsewhere_;  // of users who are here
};

}  // namespace delivery
