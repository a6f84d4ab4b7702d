// Publisher: the connection for commands. Publishing is fire and forget, for Redis is only a hint; any
// other command takes a callback. Owned by the bus. Never waits: what Redis can't take now is refused.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "worker/redis/connection.h"

namespace redis {

class Publisher {
 public:
  struct Events {
    std::function<void()> up;
    std::function<void()> down;
  };
  Publisher(loop::Loop& loop, const Options& options, Events events);

  // False: Redis is away or the queue is full, and nobody will hear of it. True promises nothing.
  bool publish(std::string_view channel, std::string_view payload);
  // Any command but those of subscribing. False as above: then the callback is never called.
  bool command(std::span<const std::string_view> args, Callback callback);

  bool up() const { return connection_.up(); }
  int64_t last_heard_ms() const { return connection_.last_heard_ms(); }
  uint64_t refused() const { return connection_.refused(); }

 private:
  void on_reply(const Reply& reply);

  std::string buffer_;  // reused: a publish allocates nothing of ours
  Connection connection_;
};

}  // namespace redis
