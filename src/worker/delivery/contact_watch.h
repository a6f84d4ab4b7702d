// ContactWatch: tells who is here of their contacts coming and going. Two who have each other as contacts see
// that; a user is on-line where a worker subscribes to its channel, and Redis is asked how many do.
//
// Owned by the worker. Nobody is told at once: who came and who left is gathered, other workers are told whom
// to ask for, and somebody who was away for less than presence_delay has not been away. So ten thousand who
// come back from another node make one question each and no event. What was missed is found by asking for a
// part of all contacts every second. While Redis is away nobody has come or gone.
#pragma once

#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include "common/conf/settings.h"
#include "common/loop/scope.h"
#include "common/loop/wait.h"
#include "worker/bus/bus.h"
#include "worker/bus/presence.h"
#include "worker/session/registry.h"
#include "worker/store/people.h"

namespace delivery {

class ContactWatch {
 public:
  ContactWatch(loop::Loop& loop, const conf::Settings& settings, session::Registry& registry,
               store::People& people, bus::Bus& bus, bus::Presence& presence);

  // A session of the user is here, its channel held, maybe not the first; its last one is gone.
  void came(int64_t user);
  void left(int64_t user);
  // A change of the user's contacts, or of who has it as one, was committed here.
  void changed(int64_t user);
  // Another worker tells of either.
  void arrived(const bus::Envelope& envelope, std::string_view event);

  // Until it is known of whom the user is told: from then on what it learns by asking, and what comes by
  // events, fit together. Ends in time though the store may be away.
  loop::Task<void> ready(int64_t user);
  // Somebody here has been answered so.
  void answered(int64_t contact, bool online);

  // Until the worker ends.
  loop::Task<void> run();
  size_t watched() const { return watched_.size(); }

 private:
  enum class Known : uint8_t {
    nothing,   // nobody has been told anything: the first answer is kept in silence
    told,      // everybody here knows `online`
    doubtful,  // somebody may know otherwise: the next answer is told
  };
  struct Contact {
    Known known = Known::nothing;
    bool online = false;
    int64_t away_since = 0;  // seen off-line, and not told yet; monotonic
    std::vector<int64_t> watchers{};
  };

  void reload(int64_t user, bool tell);
  loop::Task<void> load();
  void loaded(const std::vector<store::People::Pair>& pairs);
  void watch(int64_t user, std::vector<int64_t> contacts, bool tell);
  void forget(int64_t user, int64_t contact);
  void announce();
  void suspect(std::string_view ids);
  std::vector<int64_t> to_ask();
  loop::Task<void> ask(std::vector<int64_t> users);
  bool is_news(int64_t user, bool online);
  loop::Task<void> tell(std::vector<int64_t> users);

  loop::Loop& loop_;
  const conf::Settings& settings_;
  session::Registry& registry_;
  store::People& people_;
  bus::Bus& bus_;
  bus::Presence& presence_;
  std::map<int64_t, Contact> watched_;                          // by the contact
  std::unordered_map<int64_t, std::vector<int64_t>> contacts_;  // of a user who is here
  std::unordered_map<int64_t, bool> to_load_;                   // users here; true: what is new is told
  std::unordered_map<int64_t, bool> loading_;                   // those that are being asked for
  bool is_loading_ = false;
  loop::Signal loaded_;
  std::set<int64_t> here_;       // users who came and have not left
  std::set<int64_t> moved_;      // came or left since the last turn: no more than sessions here
  std::set<int64_t> suspected_;  // contacts to be asked for in the next turn
  int64_t swept_ = 0;            // the contact at which the last turn's part ended
  loop::Scope scope_;
};

}  // namespace delivery
