// Bus: how workers tell each other what they have committed. Everything here is a hint: the store is the
// truth, and what the bus may have lost it reports, so that delivery reads it there.
//
// Owned by the worker, which builds one. It owns both connections to Redis, listens for the users that are
// held, and beats on the channel of all workers, which is also the heartbeat of the connections. What it
// calls, it calls from the loop's top. It never reads the store and knows no session.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/error.h"
#include "common/conf/settings.h"
#include "common/loop/loop.h"
#include "common/loop/task.h"
#include "common/loop/wait.h"
#include "common/loop/watch.h"
#include "worker/bus/channels.h"
#include "worker/bus/envelope.h"
#include "worker/bus/peers.h"
#include "worker/redis/publisher.h"
#include "worker/redis/subscriber.h"

namespace bus {

// What was lost while Redis was away, as ages: "committed at most so many milliseconds ago". Ages and not
// times, for our clock is not the store's. They count from the last sign of life: who reads the store adds
// what may lie between a commit and its publish.
struct Gap {
  std::optional<int64_t> deaf_ms;  // what others told since then may not have reached us
  std::optional<int64_t> mute_ms;  // what we told since then may have reached nobody
};

class Bus : private loop::Flush {
 public:
  Bus(loop::Loop& loop, const conf::Settings& settings);
  // REQUIRES: not inside one of its own calls.
  ~Bus() = default;
  Bus(const Bus&) = delete;

  // To be registered before the loop runs. They are called from the loop's top, outside of any coroutine:
  // they may start tasks.
  // An envelope of another worker, of any kind but beat and goodbye.
  void on_envelope(std::function<void(const Envelope&, std::string_view event)> call) {
    on_envelope_ = std::move(call);
  }
  // up() has become true, the first time too (then since the bus was made).
  void on_resync(std::function<void(const Gap&)> call) { on_resync_ = std::move(call); }
  // A worker fell silent without a goodbye.
  void on_worker_lost(std::function<void(const Lost&)> call) { on_worker_lost_ = std::move(call); }

  // Both connections are up and every channel that is wanted is confirmed. While false: poll the store.
  bool up() const { return up_; }
  // Since when what is told here may reach nobody, until on_resync has been called; monotonic. nullopt: it
  // reaches whoever listens.
  std::optional<int64_t> mute_since_ms() const { return mute_since_ms_; }
  uint64_t origin() const { return origin_; }  // what our envelopes carry; never 0

  // Tells whoever listens for the user or group. False: Redis is away or the queue is full, nobody was told.
  bool publish(ChannelId id, std::string_view encoded);
  // Tells every worker.
  bool announce(std::string_view encoded);

  // See Channels.
  loop::Task<base::Result<void>> hold(ChannelId id) { return channels_.hold(id); }
  void release(ChannelId id) { channels_.release(id); }

  // The last word of a worker that has told all it had to tell; ends when Redis has it or won't take it.
  loop::Task<void> goodbye();

  size_t held() const { return channels_.size(); }
  size_t peers() const { return peers_.size(); }
  uint64_t refused() const { return publisher_.refused(); }  // publishes that found no room or no Redis
  uint64_t garbage() const { return garbage_; }              // what came and did not decode
  redis::Publisher& publisher() { return publisher_; }

 private:
  struct Arrived {
    Envelope envelope;
    size_t at;  // of the event's bytes in inbox_bytes_
    size_t size;
  };

  redis::Subscriber::Events listen();
  void received(std::string_view payload);
  void publisher_up();
  void publisher_down();
  void subscriber_up();
  void subscriber_down();
  void look();
  void tick();
  void flush() override;
  void deliver();

  loop::Loop& loop_;
  const uint64_t origin_;
  const std::string beat_;
  const loop::Millis timeout_;
  const loop::Millis beat_every_;
  std::function<void(const Envelope&, std::string_view)> on_envelope_ = [](const Envelope&,
                                                                           std::string_view) {};
  std::function<void(const Gap&)> on_resync_ = [](const Gap&) {};
  std::function<void(const Lost&)> on_worker_lost_ = [](const Lost&) {};

  bool up_ = false;
  bool leaving_ = false;
  bool resynced_ = false;  // to be told at the top
  std::optional<int64_t> deaf_since_ms_;
  std::optional<int64_t> mute_since_ms_;
  int64_t last_tick_ms_;
  uint64_t garbage_ = 0;
  std::vector<Arrived> inbox_;  // of this turn: no more than one read's worth
  std::string inbox_bytes_;
  Peers peers_;
  loop::Signal said_goodbye_;
  loop::Timer tick_;
  redis::Publisher publisher_;
  redis::Subscriber subscriber_;
  Channels channels_;
};

}  // namespace bus
