// Channels: for which users and groups this worker listens. Subscription is presence: a user is on-line where
// its channel "u:ID" is subscribed, and nowhere else is that written down. A group's channel "g:ID" is held
// while a member is served.
//
// Each channel is a small state machine (see State) with at most one question to Redis on its way, so
// that an answer can't be mistaken for another. What is wanted while Redis is away is subscribed at its
// return, paced. Owned by the bus, which hands it the subscriber's events; it never touches the store.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/base/error.h"
#include "common/loop/loop.h"
#include "common/loop/task.h"
#include "common/loop/wait.h"
#include "worker/redis/subscriber.h"

namespace bus {

// Whom a channel is for: a user by its id, a group by its conversation's, negative, so that one number
// names either.
using ChannelId = int64_t;
inline ChannelId user_channel(int64_t user) {
  return user;
}
inline ChannelId group_channel(int64_t conv) {
  return -conv;
}

// "u:ID" or "g:ID", and back: 0 if it is neither.
std::string channel_of(ChannelId id);
ChannelId id_of(std::string_view channel);

class Channels {
 public:
  // on_settled: Redis is back and every channel that was wanted then is confirmed again. Called from
  // hiredis' callbacks: it resumes no coroutine.
  Channels(loop::Loop& loop, redis::Subscriber& subscriber, loop::Millis deadline,
           std::function<void()> on_settled);

  // The call itself counts, even if the task is never awaited or dies waiting: each call wants exactly one
  // release(). The task ends when the channel is confirmed, at once if it is; or with `unavailable` when
  // Redis is away or silent: the caller then goes on and relies on polling, the channel stays wanted.
  loop::Task<base::Result<void>> hold(ChannelId id);
  // REQUIRES: a hold() that was not yet released.
  void release(ChannelId id);

  bool settled() const { return subscriber_.up() && unsettled_ == 0; }
  size_t size() const { return channels_.size(); }

  // The subscriber's events.
  void up();
  void down();
  void subscribed(std::string_view name);
  void unsubscribed(std::string_view name);

 private:
  enum class State : uint8_t { queued, subscribing, subscribed, leaving };
  struct Channel {
    State state = State::queued;
    bool settling = false;  // wanted when Redis came back, and not confirmed since
    uint32_t holders = 0;
    loop::Signal changed{};
  };
  using Map = std::unordered_map<ChannelId, Channel>;

  loop::Task<base::Result<void>> confirmed(ChannelId id);
  void enqueue(ChannelId id, Channel& channel);
  void pump();
  void forget(Map::iterator channel);
  void settle(Channel& channel);

  loop::Loop& loop_;
  redis::Subscriber& subscriber_;
  const loop::Millis deadline_;
  const std::function<void()> on_settled_;
  Map channels_;
  std::deque<ChannelId> queue_;  // to be subscribed; one that was released meanwhile is skipped
  size_t in_flight_ = 0;         // subscribing
  size_t unsettled_ = 0;
};

}  // namespace bus
