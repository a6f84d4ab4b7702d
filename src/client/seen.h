// Seen: which messages of which conversation this client has, so that each is shown once and acknowledged
// only when nothing below it is missing. Pure; it sends nothing.
//
// A conversation's events come in order, without gaps, beginning where the server knows the user to stand;
// only the replies to one's own sends may run ahead of them. So the first event of a connection tells the
// beginning, and a reply ahead of it waits in a run of its own.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace client {

class Seen {
 public:
  // Runs kept per conversation; past it the lowest is forgotten, and at worst shown again.
  static constexpr size_t runs_limit = 256;

  // A new connection: its events begin anew, perhaps with some that were seen.
  void restart();
  // An event; true if it was not seen before. Either way it is acknowledged (again).
  bool event(const std::string& conv, int64_t seq);
  // A reply to an own send; true if its message was not seen before.
  bool reply(const std::string& conv, int64_t seq);

  // Everything up to `seq` was seen before this object was made.
  void assume(const std::string& conv, int64_t seq);
  // For a later assume(): (conversation, everything up to).
  std::vector<std::pair<std::string, int64_t>> known() const;

  // What may be acknowledged since the last call: (conversation, up to seq).
  std::vector<std::pair<std::string, int64_t>> take_due();
  bool has_due() const { return !due_.empty(); }
  void clear();

 private:
  struct Conversation {
    int64_t through = -1;             // everything up to here was seen; -1: not known yet
    std::map<int64_t, int64_t> runs;  // seen beyond: first → last
    bool begun = false;               // an event came on this connection
  };

  static bool add(Conversation& c, int64_t seq);
  static void absorb(Conversation& c);

  std::map<std::string, Conversation> conversations_;
  std::map<std::string, int64_t> due_;
};

}  // namespace client
