// AcceptMutex: one worker's hand on the generation's accept mutex. Who holds it alone accepts.
//
// It is only ever tried, never waited for. The holder keeps it while it has at most `slack` connections
// more than the least loaded worker, and else hands it to that one, which its eventfd wakes: so load
// spreads as it comes, and an idle holder does nothing. Who died holding it leaves it to the next who
// tries. Who is out of step (not ready, no fresh heartbeat) is handed nothing.
#pragma once

#include <cstdint>
#include <optional>

#include "common/ipc/shared.h"

namespace ipc {

class AcceptMutex {
 public:
  static constexpr int64_t slack = 16;
  // A ready worker that has not beaten for this long is not handed the mutex: it could not use it.
  static constexpr int64_t stale_ms = 1000;

  AcceptMutex(Shared& shared, int slot) : shared_(shared), slot_(slot) {}
  ~AcceptMutex() { unlock(); }
  AcceptMutex(const AcceptMutex&) = delete;

  // True if it is held afterwards. REQUIRES: always called from the same thread.
  bool try_take();
  bool held() const { return held_; }

  // The worker that ought to accept in this one's place; nullopt: none.
  std::optional<int> successor(int64_t now) const;
  // Gives it to that worker. REQUIRES: held().
  void hand_to(int slot);
  // Gives it up, for one that can't or won't accept; the least loaded other worker is called.
  void give_up(int64_t now);

  // Call when wake_fd(slot) is readable.
  void heard();

 private:
  std::optional<int> least_loaded_other(int64_t now) const;
  void unlock();

  Shared& shared_;
  int slot_;
  bool held_ = false;
};

}  // namespace ipc
