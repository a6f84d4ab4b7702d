// See assembly.h.
#include "bench/assembly.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "common/base/text.h"

namespace bench {
namespace {

constexpr int64_t ask_again_after = second_us / 2;  // a store that was away is back within seconds

}  // namespace

Assembly::Assembly(Context& context, Lane lane, size_t groups, size_t members)
    : Talk(context, lane), members_(members) {
  if (groups == 0) context.board.control().groups_made = true;
}

void Assembly::put_into(Client& client, size_t group) {
  to_join_.resize(std::max(to_join_.size(), client.index() + 1));
  to_join_[client.index()].push_back(group);
  ++wanted_;
  give_voice(client, Conversation{group_name(context_.run, group), static_cast<int64_t>(members_) - 1});
}

void Assembly::ask(Client& client, std::string_view op, size_t group) {
  Request request;
  request.kind = Request::Kind::group;
  request.number = static_cast<int64_t>(group);
  const std::string name = group_name(context_.run, group);
  client.request(request, "\"op\":\"" + std::string(op) + "\",\"group\":\"" + name + "\"");
}

void Assembly::ask_all(Client& client) {
  if (client.index() >= to_join_.size()) return;
  for (const size_t group : to_join_[client.index()])
    ask(client, makes_them(client) ? "group_create" : "group_join", group);
}

int64_t Assembly::turn(int64_t now) {
  if (!outside_.empty() && context_.board.control().groups_made)
    for (const size_t index : std::exchange(outside_, {}))
      if (client(index).ready()) ask_all(client(index));
  if (now >= ask_again_at_) {
    ask_again_at_ = now + ask_again_after;
    for (const size_t index : std::exchange(refused_, {}))
      if (client(index).ready()) ask_all(client(index));
  }
  const int64_t next = Talk::turn(now);
  return refused_.empty() ? next : std::min(next, ask_again_at_);
}

// Again, if a connection was lost before all had been answered: to join twice changes nothing.
void Assembly::came(Client& client) {
  if (makes_them(client))
    ask_all(client);
  else
    outside_.push_back(client.index());
  Talk::came(client);
}

void Assembly::answered(Client& client, const Request& request, const Frame& frame) {
  if (request.kind != Request::Kind::group) return Talk::answered(client, request, frame);
  const auto group = static_cast<size_t>(request.number);
  if (frame.error == "unavailable") return refused_.push_back(client.index());
  if (frame.ok != Frame::Ok::yes && frame.error != "name_taken")
    throw std::runtime_error(group_name(context_.run, group) + ": " + base::escaped(frame.error) + ": " +
                             base::escaped(frame.detail));
  joined_ += std::erase(to_join_[client.index()], group);
  if (makes_them(client) && to_join_[client.index()].empty()) context_.board.control().groups_made = true;
}

}  // namespace bench
