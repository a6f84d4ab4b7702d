// See publisher.h.
#include "worker/redis/publisher.h"

#include <array>

#include "worker/redis/command.h"

namespace redis {

Publisher::Publisher(loop::Loop& loop, const Options& options, Events events)
    : connection_(loop, options, {std::move(events.up), std::move(events.down), [this](const Reply& reply) {
                                    on_reply(reply);
                                  }}) {}

bool Publisher::publish(std::string_view channel, std::string_view payload) {
  const std::array<std::string_view, 3> args{"PUBLISH", channel, payload};
  return command(args, {});
}

bool Publisher::command(std::span<const std::string_view> args, Callback callback) {
  format_command(buffer_, args);
  return connection_.send(buffer_, std::move(callback));
}

// The answer to a publish. What Redis refuses (by an ACL, say) nobody hears: as if there were no connection.
void Publisher::on_reply(const Reply& reply) {
  if (reply.is_error()) connection_.drop("it refuses to publish: " + std::string(reply.text()));
}

}  // namespace redis
