// See publisher.h.
#include "worker/redis/publisher.h"

#include <array>

#include "common/base/log.h"
#include "common/base/text.h"
#include "worker/redis/command.h"

namespace redis {

Publisher::Publisher(loop::Loop& loop, const Options& options, Events events)
    : connection_(loop, options,
                  {
                      [this, up = std::move(events.up)] {
                        complained_ = false;
                        up();
                      },
                      std::move(events.down),
                      [this](const Reply& reply) { on_reply(reply); },
                  }) {}

bool Publisher::publish(std::string_view channel, std::string_view payload) {
  const std::array<std::string_view, 3> args{"PUBLISH", channel, payload};
  return command(args, {});
}

bool Publisher::command(std::span<const std::string_view> args, Callback callback) {
  format_command(buffer_, args);
  return connection_.send(buffer_, std::move(callback));
}

// The answer to a publish; a refusal (by an ACL, say) is logged once a connection.
void Publisher::on_reply(const Reply& reply) {
  if (!reply.is_error() || complained_) return;
  complained_ = true;
  base::log(base::Level::error, "redis refuses to publish: %s", base::escaped(reply.text()).c_str());
}

}  // namespace redis
