// See presence.h. PUBSUB NUMSUB answers with a channel and a count for each that was asked, in order.
#include "worker/bus/presence.h"

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
  const auto on_reply = [question](const redis::Reply& reply) {
    for (size_t i = 0; i < question->answers.size() && 2 * i + 1 < reply.size(); ++i)
      question->answers[i] = reply[2 * i + 1].integer() > 0;
    question->answered = true;
    question->arrived.wake();
  };
  if (bus_.publisher().command(args, on_reply) && !question->answered)
    co_await question->arrived.wait(loop_, deadline_);
  co_return question->answers;
}

}  // namespace bus
