// Subscriber: the connection that listens. What is asked in one turn of the loop goes out together, at most
// 1000 channels a command.
//
// One channel of its own is always subscribed, for hiredis aborts when the last one is left twice; it is
// also what the heartbeat comes by (somebody must publish there more often than Options::timeout).
// Owned by the bus. It does not remember what was subscribed: after `up` everything is asked for again.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/outage.h"
#include "common/loop/loop.h"
#include "worker/redis/connection.h"

namespace redis {

class Subscriber : private loop::Flush {
 public:
  // All are called from hiredis' callbacks: they resume no coroutine and destroy no subscriber.
  struct Events {
    std::function<void()> up;  // nothing is subscribed but the permanent channel
    std::function<void()> down;
    std::function<void(std::string_view channel)> subscribed;
    std::function<void(std::string_view channel)> unsubscribed;
    std::function<void(std::string_view channel, std::string_view payload)> message;
  };
  Subscriber(loop::Loop& loop, Options options, std::string permanent_channel, Events events);

  // REQUIRES: up(), a channel that is not the permanent one and of which no other answer is awaited; to
  // unsubscribe, one that is subscribed.
  void subscribe(std::string channel);
  void unsubscribe(std::string channel);

  bool up() const { return connection_.up(); }
  int64_t last_heard_ms() const { return connection_.last_heard_ms(); }

 private:
  void flush() override;
  void send(std::string_view verb, const std::vector<std::string>& channels);
  void on_reply(const Reply& reply);

  loop::Loop& loop_;
  const std::string permanent_channel_;
  const Events events_;
  std::vector<std::string> joining_;  // until this turn's end
  std::vector<std::string> leaving_;
  std::string buffer_;
  base::Outage refusals_;
  Connection connection_;
};

}  // namespace redis
