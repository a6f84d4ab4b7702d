// See devices.h.
#include "worker/delivery/devices.h"

#include <algorithm>

namespace delivery {

using session::Session;

void Devices::came(const Session& session) {
  tell(bus::Kind::session_came, *session.identity(), session.id());
  thin_out(session.identity()->user);
}

void Devices::left(const session::Identity& identity, uint64_t session) {
  tell(bus::Kind::session_left, identity, session);
  if (!registry_.has_user(identity.user)) elsewhere_.erase(identity.user);
}

void Devices::arrived(const bus::Envelope& envelope) {
  if (!registry_.has_user(envelope.to)) return;
  const Place place{envelope.seq, envelope.origin, static_cast<uint64_t>(envelope.conv)};
  std::set<Place>& others = elsewhere_[envelope.to];
  if (envelope.kind == bus::Kind::session_came) {
    if (others.insert(place).second) tell_younger(envelope.to, place);
    thin_out(envelope.to);
  } else if (others.erase(place); others.empty()) {
    elsewhere_.erase(envelope.to);
  }
}

// Of two logins at once the older one may have begun to listen last: it has not heard of the younger one, and
// it is the one that has to know.
void Devices::tell_younger(int64_t user, const Place& older) {
  for (const Session* session : registry_.user(user))
    if (older < place(*session->identity(), session->id()))
      tell(bus::Kind::session_came, *session->identity(), session->id());
}

void Devices::forget(uint64_t origin) {
  for (auto& of_user : elsewhere_)
    std::erase_if(of_user.second, [origin](const Place& place) { return place.origin == origin; });
  std::erase_if(elsewhere_, [](const auto& of_user) { return of_user.second.empty(); });
}

Devices::Place Devices::place(const session::Identity& identity, uint64_t session) const {
  return {identity.since, bus_.origin(), session};
}

void Devices::tell(bus::Kind kind, const session::Identity& identity, uint64_t session) {
  bus::Envelope envelope;
  envelope.kind = kind;
  envelope.origin = bus_.origin();
  envelope.to = identity.user;
  envelope.seq = identity.since;
  envelope.conv = static_cast<int64_t>(session);
  bus_.publish(bus::user_channel(identity.user), bus::encode(envelope, {}));
}

// Who is leaving does not count.
void Devices::thin_out(int64_t user) {
  const std::vector<Session*> here = registry_.user(user);
  std::set<Place> all;
  for (const Session* session : here)
    if (!session->leaving() && !session->farewell()) all.insert(place(*session->identity(), session->id()));
  if (const auto others = elsewhere_.find(user); others != elsewhere_.end())
    all.insert(others->second.begin(), others->second.end());
  const auto most = static_cast<size_t>(settings_.max_sessions_per_user);
  if (all.size() <= most) return;
  const Place oldest_to_stay = *std::next(all.begin(), static_cast<std::ptrdiff_t>(all.size() - most));
  for (Session* session : here)
    if (place(*session->identity(), session->id()) < oldest_to_stay)
      session->ask_to_leave(wire::Reason::replaced, std::nullopt);
}

}  // namespace delivery
