// See accept_mutex.h.
#include "common/ipc/accept_mutex.h"

#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstring>

#include "common/base/log.h"

namespace ipc {

bool AcceptMutex::try_take() {
  if (held_) return true;
  const int error = pthread_mutex_trylock(&shared_.mutex());
  if (error == EBUSY) return false;
  if (error == EOWNERDEAD) {
    pthread_mutex_consistent(&shared_.mutex());
    base::log(base::Level::notice, "took the accept mutex over from a dead worker");
  } else if (error != 0) {
    base::log(base::Level::alert, "accept mutex: %s", strerror(error));
    return false;
  }
  held_ = true;
  shared_.holder() = slot_;
  return true;
}

std::optional<int> AcceptMutex::least_loaded_other(int64_t now) const {
  std::optional<int> least;
  int64_t least_live = 0;
  for (int i = 0; i < shared_.slots(); ++i) {
    const Slot& other = shared_.slot(i);
    if (i == slot_ || other.state.load(std::memory_order_relaxed) != State::ready) continue;
    if (now - other.heartbeat.load(std::memory_order_relaxed) > stale_ms) continue;
    const int64_t live = other.live.load(std::memory_order_relaxed);
    if (least && live >= least_live) continue;
    least = i;
    least_live = live;
  }
  return least;
}

std::optional<int> AcceptMutex::successor(int64_t now) const {
  const auto least = least_loaded_other(now);
  if (!least) return std::nullopt;
  const int64_t own = shared_.slot(slot_).live.load(std::memory_order_relaxed);
  const int64_t live = shared_.slot(*least).live.load(std::memory_order_relaxed);
  return own <= live + slack ? std::nullopt : least;
}

void AcceptMutex::hand_to(int slot) {
  assert(held_);
  unlock();
  shared_.wake(slot);
}

void AcceptMutex::give_up(int64_t now) {
  if (!held_) return;
  unlock();
  if (const auto least = least_loaded_other(now)) shared_.wake(*least);
}

void AcceptMutex::heard() {
  uint64_t calls;
  [[maybe_unused]] const ssize_t n = read(shared_.wake_fd(slot_), &calls, sizeof calls);
}

void AcceptMutex::unlock() {
  if (!held_) return;
  held_ = false;
  shared_.holder() = -1;  // before the unlock: the next holder writes it after
  pthread_mutex_unlock(&shared_.mutex());
}

}  // namespace ipc
