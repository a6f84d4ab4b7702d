// Backlog: what one session has still to be sent from the store, and what it must not be sent again.
//
// Pure bookkeeping, per session; it reads nothing and sends nothing. A session is either live (messages are
// pushed to it as they pass the gate) or behind (after its login, or because its peer reads too slowly):
// then what passes is only noted, and read from the store later. It goes live when nothing is noted any
// more, with no wait in between, so that nothing falls between the two.
//
// While behind, conversations up to `covered` have been asked for in the store; what passes in one above it
// is noted too, but is not read before its page has come, for older messages may wait there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

namespace session {

class Backlog {
 public:
  static constexpr int64_t everything = std::numeric_limits<int64_t>::max();

  // At most `limit` conversations are noted one by one; beyond, the store is asked for all of them again.
  explicit Backlog(size_t limit) : limit_(limit) {}

  bool behind() const { return behind_; }
  // Everything is to be asked for in the store: a login.
  void fall_behind_from_store();
  // Only what passes from now on is missed: a slow reader.
  void fall_behind();

  enum class Verdict : uint8_t {
    push,   // write it now
    skip,   // it has been sent, or is this session's own
    later,  // noted
  };
  // This session has sent it and gets a reply instead: it is left out, whether it passes the gate or is read
  // from the store. As many as conversations are noted are remembered.
  void sent_own(int64_t conv, int64_t seq);
  // It is sending it: the key is what the store knows the message by, which may be read there before the
  // worker hears of the commit. Until end_own: its fate is known.
  void begin_own(int64_t conv, std::string key);
  void end_own(int64_t conv, const std::string& key);
  bool is_own(int64_t conv, const std::string& key) const { return in_flight_.contains({conv, key}); }
  // A message passes the gate, in the order of seq within its conversation.
  Verdict offer(int64_t conv, int64_t seq, bool own);

  // The store says that (from, last] waits. What has been sent of it is left out.
  void wait(int64_t conv, int64_t from, int64_t last);
  // Nothing up to here is to be sent, whatever the store says; but where something is noted that is owed,
  // even if another device has acknowledged it since. As many conversations as have been behind may have a
  // floor; a message that is pushed takes it away.
  void raise_floor(int64_t conv, int64_t seq);
  // The user is no member of it any more: nothing of it is to be sent, not even what waited.
  void drop(int64_t conv);
  // What is known to have been sent or to be left out; 0 if nothing is known.
  int64_t floor(int64_t conv) const;

  int64_t covered() const { return covered_; }
  void cover(int64_t up_to) { covered_ = up_to; }

  struct Stretch {
    int64_t conv = 0;
    int64_t after = 0;
    int64_t last = 0;  // noted when the reading began
  };
  // What to read next, in turn; nullopt: nothing that is covered.
  std::optional<Stretch> next();
  // True if it is to be written: false for one's own, whether known by its seq or because it is in flight.
  bool sending(int64_t conv, int64_t seq, bool own = false);
  // The store had nothing more in this conversation than what was sent. What was noted when the reading
  // began and is not there does not exist; what passed meanwhile is read in the next turn.
  void exhausted(const Stretch& stretch);

  // Nothing is left: the session is live from here on. False if something is.
  bool go_live();

 private:
  struct Entry {
    int64_t after = 0;     // sent up to here
    int64_t last = 0;      // noted up to here
    bool started = false;  // `after` counts, whatever the store says of the user
  };
  void forget_own(int64_t conv, int64_t up_to);
  void finish(std::map<int64_t, Entry>::iterator entry);

  const size_t limit_;
  bool behind_ = false;
  bool overflowed_ = false;
  int64_t covered_ = everything;
  int64_t turn_ = 0;
  std::map<int64_t, Entry> noted_;
  std::unordered_map<int64_t, int64_t> floors_;
  std::set<std::pair<int64_t, int64_t>> own_;
  std::set<std::pair<int64_t, std::string>> in_flight_;
};

}  // namespace session
