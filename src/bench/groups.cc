// See groups.h.
#include "bench/groups.h"

#include <cmath>
#include <stdexcept>
#include <utility>

#include "common/base/text.h"

namespace bench {

Plan Groups::plan(const Options& options) {
  Plan plan;
  plan.users = plan.connections = options.members;
  plan.unit = "message";
  constexpr double slack = 1000;  // numbers run ahead in one process or another
  plan.spreads = static_cast<size_t>(std::ceil(options.rate * (options.warmup + options.seconds) + slack));
  return plan;
}

Groups::Groups(Context& context) : Talk(context), group_(group_name(context.run, 0)) {
  const size_t members = context.options.members;
  for (size_t i = context.index; i < members; i += context.parts)
    give_voice(add(i, i / context.parts, i), Conversation{group_, static_cast<int64_t>(members) - 1});
  member_.resize(size());
}

void Groups::ask(Client& client, std::string_view op) {
  Request request;
  request.kind = Request::Kind::group;
  client.request(request, "\"op\":\"" + std::string(op) + "\",\"group\":\"" + group_ + "\"");
}

// The first client of the first process makes the group; everybody else waits for that.
int64_t Groups::turn(int64_t now) {
  if (!outside_.empty() && context_.board.control().group_made)
    for (const size_t index : std::exchange(outside_, {}))
      if (client(index).ready()) ask(client(index), "group_join");
  return Talk::turn(now);
}

void Groups::came(Client& client) {
  if (!member_[client.index()]) {
    if (context_.index == 0 && client.index() == 0)
      ask(client, "group_create");
    else
      outside_.push_back(client.index());
  }
  Talk::came(client);
}

void Groups::answered(Client& client, const Request& request, const Frame& frame) {
  if (request.kind != Request::Kind::group) return Talk::answered(client, request, frame);
  if (frame.ok != Frame::Ok::yes)
    throw std::runtime_error(group_ + ": " + base::escaped(frame.error) + ": " + base::escaped(frame.detail));
  if (!member_[client.index()]) ++members_;
  member_[client.index()] = true;
  context_.board.control().group_made = true;
}

void Groups::reached(int64_t number, int64_t latency_us) {
  const auto spreads = context_.board.spreads();
  if (std::cmp_less(number, spreads.size())) spreads[static_cast<size_t>(number)].reach(latency_us);
}

}  // namespace bench
