// See presence.h. PUBSUB NUMSUB answers with a channel and a count for each that was asked, in order.
#include "worker/bus/presence.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "worker/redis/reply.h"

namespace bus {

// The question is shared with the callback, which may come after who asked is gone.
loop::Task<std::vector<bool>> Presence::online(std::vector<int64_t> users) {
  auto question = std::make_shared<Question>();
  question->answers.resize(users.size());
  if (users.empty()) co_return question->answers;
  std::vector<std::string> channels;
  for (const int64_t user : users) channels.push_back(channel_of(user_channel(user)));
  std::vector<std::string_view> args = {"PUBSUB", "NUMSUB"};
  args.insert(args.end(), channels.begin(), channels.end());
  const auto on_reply = [this, question](const redis::Reply& reply) {
    if (reply.is_error()) complain(reply.text());
    for (size_t i = 0; i < question->answers.size() && 2 * i + 1 < reply.size(); ++i)
      question->answers[i] = reply[2 * i + 1].integer() > 0;
    question->answered = true;
    question->arrived.wake();
  };
  if (bus_.publisher().command(args, on_reply) && !question->answered)
    co_await question->arrived.wait(loop_, deadline_);
  co_return question->answers;
}

// By an ACL, say: nobody else is shown on-line until somebody reads this.
void Presence::complain(std::string_view why) {
  if (refusals_.worth_telling(std::string(why), base::mono_ms()))
    base::log(base::Level::error, "redis does not tell who is on-line: %s", base::escaped(why).c_str());
}

}  // namespace bus
