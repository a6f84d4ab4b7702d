// See subscriber.h. Hiredis hands a message that it can't place to the wrong callback, so there is one
// callback for all, which goes by the names in the message itself.
#include "worker/redis/subscriber.h"

#include <algorithm>
#include <cassert>
#include <limits>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "worker/redis/command.h"

namespace redis {
namespace {

constexpr size_t channels_per_command = 1000;

// What waits here is bounded by the channels that are held: a bound in bytes would only lose some.
Options without_bound(Options options) {
  options.queue = std::numeric_limits<size_t>::max();
  return options;
}

}  // namespace

Subscriber::Subscriber(loop::Loop& loop, Options options, std::string permanent_channel, Events events)
    : loop_(loop),
      permanent_channel_(std::move(permanent_channel)),
      events_(std::move(events)),
      connection_(loop, without_bound(std::move(options)),
                  {
                      [this] {
                        send("SUBSCRIBE", {permanent_channel_});
                        events_.up();
                      },
                      [this] {
                        joining_.clear();
                        leaving_.clear();
                        events_.down();
                      },
                      [this](const Reply& reply) { on_reply(reply); },
                  }) {}

void Subscriber::subscribe(std::string channel) {
  assert(up() && channel != permanent_channel_);
  joining_.push_back(std::move(channel));
  loop_.at_turn_end(*this);
}

void Subscriber::unsubscribe(std::string channel) {
  assert(up() && channel != permanent_channel_);
  leaving_.push_back(std::move(channel));
  loop_.at_turn_end(*this);
}

void Subscriber::flush() {
  send("SUBSCRIBE", joining_);
  send("UNSUBSCRIBE", leaving_);
  joining_.clear();
  leaving_.clear();
}

// An UNSUBSCRIBE without a channel would leave them all: nothing asked, nothing sent.
void Subscriber::send(std::string_view verb, const std::vector<std::string>& channels) {
  for (size_t from = 0; from < channels.size(); from += channels_per_command) {
    const size_t to = std::min(channels.size(), from + channels_per_command);
    std::vector<std::string_view> args{verb};
    args.insert(args.end(), channels.begin() + static_cast<ptrdiff_t>(from),
                channels.begin() + static_cast<ptrdiff_t>(to));
    format_command(buffer_, args);
    connection_.send(buffer_);
  }
}

void Subscriber::on_reply(const Reply& reply) {
  if (reply.size() != 3) {
    const std::string what(reply.text());
    if (refusals_.worth_telling(what, base::mono_ms()))
      base::log(base::Level::error, "redis: no pub/sub message: %s", base::escaped(what).c_str());
    return;
  }
  const std::string_view kind = reply[0].text();
  const std::string_view channel = reply[1].text();
  if (kind == "message") {
    events_.message(channel, reply[2].text());
  } else if (channel == permanent_channel_) {
    return;
  } else if (kind == "subscribe") {
    events_.subscribed(channel);
  } else if (kind == "unsubscribe") {
    events_.unsubscribed(channel);
  }
}

}  // namespace redis
