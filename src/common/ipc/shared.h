// Shared: the memory that a master and the workers of one configuration generation have in common: the
// accept mutex, the scoreboard with one slot a worker, and the rates of users and addresses; beside it one
// eventfd a slot to wake its worker.
//
// Made by the master before it forks, owned by it, gone with the generation's last worker. What lies in it
// is plain or atomic: never a pointer, never a lock but the mutex. The atomics are lock-free, and a
// lock-free atomic is address-free too ([atomics.lockfree]), so they hold between processes as between
// threads. Each field has one writer at a time and stands for itself, so relaxed order does; where a
// process has ended before another reads (last words), its end orders them.
#pragma once

#include <pthread.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/fd.h"
#include "common/ipc/rate_table.h"

namespace ipc {

enum class State : uint32_t { empty, starting, ready, draining };

// What a worker counts, ever upwards; a slot keeps its counts when its worker is replaced.
enum class Counter : uint32_t {
  accepted,  // connections
  closed,
  proxy_refused,  // for a missing, late or foreign PROXY header
  requests,
  logins,
  messages_in,   // committed
  messages_out,  // message events written to sessions
  batches,
  published,
  catch_ups,  // reads of the store because a session was behind
};

inline constexpr std::array<std::string_view, 10> counter_names = {
    "accepted",    "closed",       "proxy_refused", "requests",  "logins",
    "messages_in", "messages_out", "batches",       "published", "catch_ups",
};
static_assert(counter_names.size() == static_cast<size_t>(Counter::catch_ups) + 1);

struct alignas(64) Slot {
  std::atomic<int32_t> pid;
  std::atomic<State> state;
  std::atomic<int64_t> heartbeat;  // base::mono_ms() when the worker's loop last came round
  std::atomic<int64_t> live;       // connections accepted and not yet closed
  std::array<std::atomic<uint64_t>, counter_names.size()> counters;
  std::array<char, 256> last_words;  // why it leaves by exit_fatal; read once it has

  // REQUIRES: called by the slot's worker, on its loop (one writer: no locked instruction is needed).
  void add(Counter counter, uint64_t n = 1) {
    auto& c = counters[static_cast<size_t>(counter)];
    c.store(c.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  uint64_t count(Counter counter) const {
    return counters[static_cast<size_t>(counter)].load(std::memory_order_relaxed);
  }
  void say_last_words(std::string_view words);  // cut to what fits
  std::string heard_last_words() const;
};
static_assert(std::atomic<int32_t>::is_always_lock_free && std::atomic<State>::is_always_lock_free &&
              std::atomic<int64_t>::is_always_lock_free && std::atomic<uint64_t>::is_always_lock_free);

class Shared {
 public:
  // Throws std::system_error. REQUIRES: slots > 0.
  explicit Shared(int slots);
  Shared(const Shared&) = delete;

  int slots() const { return static_cast<int>(slots_.size()); }
  Slot& slot(int index) { return slots_[static_cast<size_t>(index)]; }
  const Slot& slot(int index) const { return slots_[static_cast<size_t>(index)]; }

  // The master's side of a worker's life: before its fork, and after its end.
  void begin(int slot, int64_t now);
  void end(int slot);

  // Readable when this slot's worker is called to the accept mutex.
  int wake_fd(int slot) const { return wake_[static_cast<size_t>(slot)].get(); }
  void wake(int slot);
  void wake_all();

  RateTable& rates() { return rates_; }

  pthread_mutex_t& mutex() { return head_->mutex; }
  // Set by the master before it retires a generation for a newer one: what clients are told differs.
  std::atomic<bool>& replaced() { return head_->replaced; }
  std::atomic<int32_t>& holder() { return head_->holder; }  // a slot or -1: for people and tests

 private:
  struct Head {
    pthread_mutex_t mutex;
    std::atomic<int32_t> holder;
    std::atomic<bool> replaced;
  };
  struct Unmap {
    size_t size;
    void operator()(void* memory) const;
  };

  std::unique_ptr<void, Unmap> memory_;
  Head* head_ = nullptr;   // within memory_
  std::span<Slot> slots_;  // within memory_
  std::vector<base::Fd> wake_;
  RateTable rates_;
};

}  // namespace ipc
