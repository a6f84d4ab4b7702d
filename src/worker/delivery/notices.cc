// See notices.h.
#include "worker/delivery/notices.h"

namespace delivery {
namespace {

using session::Session;

void write(const std::vector<Session*>& sessions, const std::string& event, uint64_t but,
           int64_t without = 0) {
  for (Session* session : sessions) {
    const bool left_out = session->id() == but || (without != 0 && session->identity()->user == without);
    if (!left_out && session->has_room()) session->write(event);
  }
}

}  // namespace

Notices::Notices(const conf::Settings& settings, session::Registry& registry, bus::Bus& bus, Rooms& rooms)
    : settings_(settings), registry_(registry), bus_(bus), rooms_(rooms) {}

void Notices::read(const Actor& actor, const Place& place, int64_t seq) {
  tell(actor, place, [&](const std::string& conv) { return wire::read_event(conv, actor.name, seq); });
}

void Notices::typing(const Actor& actor, const Place& place) {
  tell(actor, place, [&](const std::string& conv) { return wire::typing_event(conv, actor.name); });
}

void Notices::group(const Actor& actor, int64_t conv, int64_t members, int64_t subject,
                    const wire::GroupEvent& event) {
  const std::string bytes = wire::group_event(event);
  if (subject != 0) to_user(subject, bytes, actor.session);
  if (subject == actor.user && members > settings_.group_events_max) return;
  to_group(conv, subject, bytes, actor.session);
}

void Notices::tell(const Actor& actor, const Place& place, const Event& event) {
  if (place.peer == 0 && place.members <= settings_.group_events_max)
    return to_group(place.group, 0, event(place.conv), actor.session);
  to_user(actor.user, event(place.conv), actor.session);
  if (place.peer != 0 && place.peer != actor.user) to_user(place.peer, event("@" + actor.name), 0);
}

void Notices::to_user(int64_t user, const std::string& event, uint64_t but) {
  to_user_here(user, event, but);
  bus::Envelope envelope;
  envelope.kind = bus::Kind::event;
  envelope.origin = bus_.origin();
  envelope.to = user;
  bus_.publish(bus::user_channel(user), bus::encode(envelope, event));
}

void Notices::to_group(int64_t conv, int64_t without, const std::string& event, uint64_t but) {
  to_group_here(conv, without, event, but);
  bus::Envelope envelope;
  envelope.kind = bus::Kind::event;
  envelope.origin = bus_.origin();
  envelope.conv = conv;
  envelope.from = without;
  bus_.publish(bus::group_channel(conv), bus::encode(envelope, event));
}

void Notices::to_user_here(int64_t user, const std::string& event, uint64_t but) {
  write(registry_.user(user), event, but);
}

void Notices::to_group_here(int64_t conv, int64_t without, const std::string& event, uint64_t but) {
  write(rooms_.sessions(conv), event, but, without);
}

void Notices::arrived(const bus::Envelope& envelope, std::string_view event) {
  const std::string bytes(event);
  if (envelope.to != 0)
    to_user_here(envelope.to, bytes, 0);
  else
    to_group_here(envelope.conv, envelope.from, bytes, 0);
}

}  // namespace delivery
