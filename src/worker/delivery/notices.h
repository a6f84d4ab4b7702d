// Notices: events that are no messages. They are told once and never made up: to the sessions of a user, or
// of a group's members, on this worker and on the others, but not to the session that has caused them.
//
// Owned by the worker. One way for all of them: the receiver of an envelope parses nothing, it writes the
// bytes to whom the envelope names. A session whose reader is too slow goes without.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/conf/settings.h"
#include "worker/bus/bus.h"
#include "worker/delivery/rooms.h"
#include "worker/session/registry.h"
#include "worker/wire/event.h"

namespace delivery {

// Who has done something, and by which session.
struct Actor {
  int64_t user = 0;
  std::string name{};
  uint64_t session = 0;
};

// A conversation as the actor names it.
struct Place {
  std::string conv{};   // "@peer" or "#group"
  int64_t peer = 0;     // 0: a group
  int64_t group = 0;    // its conversation
  int64_t members = 0;  // of the group
};

class Notices {
 public:
  Notices(const conf::Settings& settings, session::Registry& registry, bus::Bus& bus, Rooms& rooms);

  // To everybody in the conversation. In a large group to the actor's own other sessions alone.
  void read(const Actor& actor, const Place& place, int64_t seq);
  void typing(const Actor& actor, const Place& place);

  // To the members of the group, and to `subject`, who may have become none by it; 0: nobody. In a large
  // group it is not told to the others who has joined or left by himself.
  void group(const Actor& actor, int64_t conv, int64_t members, int64_t subject,
             const wire::GroupEvent& event);

  // Another worker tells.
  void arrived(const bus::Envelope& envelope, std::string_view event);

 private:
  // event(conv) gives the bytes for who calls the conversation so.
  using Event = std::function<std::string(const std::string& conv)>;
  void tell(const Actor& actor, const Place& place, const Event& event);

  void to_user(int64_t user, const std::string& event, uint64_t but);
  void to_group(int64_t conv, int64_t without, const std::string& event, uint64_t but);
  void to_user_here(int64_t user, const std::string& event, uint64_t but);
  void to_group_here(int64_t conv, int64_t without, const std::string& event, uint64_t but);

  const conf::Settings& settings_;
  session::Registry& registry_;
  bus::Bus& bus_;
  Rooms& rooms_;
};

}  // namespace delivery
