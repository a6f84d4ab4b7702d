// Gate: one conversation's order on this worker. Pure; owned by the router.
//
// Every message of the conversation, whoever committed it, passes here: earlier than expected, it is
// dropped; the expected one goes on; a later one is held until the gap before it is filled. A gate that is
// not open yet does not know what comes next: the store is asked first, because the message before may
// have been committed by a worker that died before it could tell.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>

namespace delivery {

// A committed message on its way to sessions.
struct Live {
  int64_t conv = 0;
  int64_t seq = 0;
  int64_t from = 0;      // users
  int64_t to = 0;        // 0: a group
  int64_t epoch = 0;     // of the group's membership at the commit
  std::string event{};   // as it goes out, without the line's end
  uint64_t session = 0;  // the one that sent it, if it is here
  std::string key{};     // of its sending, where it was read from the store
};

class Gate {
 public:
  // The two users of the conversation; 0, 0: a group.
  Gate(int64_t low, int64_t high) : low_(low), high_(high) {}
  int64_t low() const { return low_; }
  int64_t high() const { return high_; }

  bool is_open() const { return next_ != 0; }
  int64_t next() const { return next_; }  // 0: not open
  // Everything below `next` has been sent, or noted in a session's backlog.
  void open_at(int64_t next);

  // What is known of a conversation of two: its users never change.
  static constexpr int64_t every_epoch = std::numeric_limits<int64_t>::max();
  bool is_group() const { return low_ == 0; }

  // True: it is the expected one, and counts as passed; else it was dropped or is held. One of a later epoch
  // than is known here is held: who may see it must be read first.
  bool offer(const Live& message, int64_t known_epoch = every_epoch);
  int64_t epoch() const { return epoch_; }  // the latest that was heard of
  // Somebody knows that the conversation has reached `seq`.
  void heard(int64_t seq);
  // A held message whose turn has come; counts as passed.
  std::optional<Live> take(int64_t known_epoch = every_epoch);

  // There is something between what passed and what was heard of.
  bool has_gap() const { return heard_ >= next_; }
  int64_t heard_up_to() const { return heard_; }
  // What is held without a gap up to everything heard of begins after this; heard_up_to() if nothing is.
  int64_t held_after() const;

  uint64_t worker = 0;  // the number of the coroutine that opens it or fills a gap; 0: none

 private:
  // More are not worth their memory: what is dropped is read from the store.
  static constexpr size_t held_limit = 256;

  const int64_t low_, high_;
  int64_t next_ = 0;
  int64_t heard_ = 0;
  int64_t epoch_ = 0;
  std::map<int64_t, Live> held_;
};

}  // namespace delivery
