// See channels.h.
#include "worker/bus/channels.h"

#include <cassert>
#include <iterator>
#include <utility>

#include "common/base/clock.h"
#include "common/base/text.h"

namespace bus {
namespace {

// So that the answers to a hundred thousand channels come in portions, with messages in between.
constexpr size_t most_in_flight = 4000;

}  // namespace

std::string channel_of(ChannelId id) {
  return id > 0 ? "u:" + std::to_string(id) : "g:" + std::to_string(-id);
}

ChannelId id_of(std::string_view channel) {
  const int64_t number = channel.size() > 2 ? base::to_int(channel.substr(2)).value_or(0) : 0;
  if (channel.starts_with("u:")) return number;
  return channel.starts_with("g:") ? -number : 0;
}

Channels::Channels(loop::Loop& loop, redis::Subscriber& subscriber, loop::Millis deadline,
                   std::function<void()> on_settled)
    : loop_(loop), subscriber_(subscriber), deadline_(deadline), on_settled_(std::move(on_settled)) {}

loop::Task<base::Result<void>> Channels::hold(ChannelId id) {
  const auto [place, added] = channels_.try_emplace(id);
  ++place->second.holders;
  if (added && subscriber_.up()) enqueue(id, place->second);
  return confirmed(id);
}

// A channel that is being joined is left when the answer has come; one that waits, when its turn comes.
void Channels::release(ChannelId id) {
  const auto place = channels_.find(id);
  assert(place != channels_.end() && place->second.holders > 0);
  Channel& channel = place->second;
  if (--channel.holders > 0) return;
  if (channel.state == State::subscribed) {
    channel.state = State::leaving;
    subscriber_.unsubscribe(channel_of(id));
  } else if (!subscriber_.up()) {
    forget(place);
  }
}

// Looks the channel up again after each wait: it may be another one by then.
loop::Task<base::Result<void>> Channels::confirmed(ChannelId id) {
  const int64_t until = base::mono_ms() + deadline_.count();
  for (;;) {
    const auto place = channels_.find(id);
    if (place == channels_.end()) co_return base::unavailable("the channel was released");
    if (place->second.state == State::subscribed) co_return base::ok();
    if (!subscriber_.up()) co_return base::unavailable("Redis is away");
    const loop::Millis left(until - base::mono_ms());
    if (left.count() <= 0) co_return base::unavailable("Redis does not answer");
    co_await place->second.changed.wait(loop_, left);
  }
}

void Channels::enqueue(ChannelId id, Channel& channel) {
  channel.state = State::queued;
  queue_.push_back(id);
  pump();
}

void Channels::pump() {
  while (!queue_.empty() && in_flight_ < most_in_flight) {
    const auto place = channels_.find(queue_.front());
    queue_.pop_front();
    if (place == channels_.end() || place->second.state != State::queued) continue;
    if (place->second.holders == 0) {
      forget(place);
      continue;
    }
    place->second.state = State::subscribing;
    ++in_flight_;
    subscriber_.subscribe(channel_of(place->first));
  }
}

void Channels::subscribed(std::string_view name) {
  const auto place = channels_.find(id_of(name));
  if (place == channels_.end() || place->second.state != State::subscribing) return;
  --in_flight_;
  Channel& channel = place->second;
  channel.state = State::subscribed;
  channel.changed.wake();
  if (channel.holders == 0) {
    channel.state = State::leaving;
    subscriber_.unsubscribe(std::string(name));
  }
  settle(channel);
  pump();
}

void Channels::unsubscribed(std::string_view name) {
  const auto place = channels_.find(id_of(name));
  if (place == channels_.end() || place->second.state != State::leaving) return;
  if (place->second.holders > 0)
    enqueue(place->first, place->second);
  else
    forget(place);
}

void Channels::forget(Map::iterator place) {
  const bool settling = std::exchange(place->second.settling, false);
  place->second.changed.wake();
  channels_.erase(place);
  if (settling && --unsettled_ == 0) on_settled_();
}

void Channels::settle(Channel& channel) {
  if (std::exchange(channel.settling, false) && --unsettled_ == 0) on_settled_();
}

void Channels::up() {
  unsettled_ = channels_.size();
  for (auto& [id, channel] : channels_) {
    channel.settling = true;
    queue_.push_back(id);
  }
  if (unsettled_ == 0) return on_settled_();
  pump();
}

void Channels::down() {
  queue_.clear();
  in_flight_ = 0;
  unsettled_ = 0;
  for (auto place = channels_.begin(); place != channels_.end();) {
    Channel& channel = place->second;
    channel.changed.wake();
    channel.state = State::queued;
    channel.settling = false;
    place = channel.holders == 0 ? channels_.erase(place) : std::next(place);
  }
}

}  // namespace bus
