// See resolve.h.
#include "worker/handler/resolve.h"

#include "worker/store/refusals.h"

namespace handler {

loop::Task<base::Result<Target>> find_to_send(Context& context, int64_t user, wire::Address to, bool make) {
  Target target;
  if (to.kind == '#') {
    auto conv = co_await context.groups.conversation(to.name);
    if (!conv) co_return conv.error();
    target.conv = *conv;
    co_return target;
  }
  auto direct = co_await context.conversations.direct(user, to.name, make);
  if (!direct) co_return direct.error();
  target.conv = direct->conv;
  target.peer = direct->peer;
  co_return target;
}

loop::Task<base::Result<Target>> find_to_read(Context& context, int64_t user, wire::Address conv) {
  Target target;
  if (conv.kind == '#') {
    auto group = co_await context.groups.info_for_member(conv.name, user);
    if (!group) co_return group.error();
    target.conv = group->conv;
    co_return target;
  }
  auto direct = co_await context.conversations.direct(user, conv.name, false);
  if (!direct) co_return direct.error();
  target.conv = direct->conv;
  target.peer = direct->peer;
  co_return target;
}

loop::Task<base::Result<delivery::Place>> find_place(Context& context, int64_t user, wire::Address to) {
  delivery::Place place;
  place.conv = to.kind + to.name;
  if (to.kind == '#') {
    auto group = co_await context.groups.info_for_member(to.name, user);
    if (!group) co_return group.error();
    place.group = group->conv;
    place.members = group->members;
    co_return place;
  }
  auto direct = co_await context.conversations.direct(user, to.name, false);
  if (!direct) co_return direct.error();
  auto blocked = co_await context.blocks.between(*direct);
  if (!blocked) co_return blocked.error();
  if (*blocked) co_return store::blocked();
  place.peer = direct->peer;
  co_return place;
}

delivery::Actor actor(const Call& call) {
  delivery::Actor actor;
  actor.user = call.me().user;
  actor.name = call.me().name;
  actor.session = call.session().id();
  return actor;
}

base::Result<int64_t> limit_of(const wire::Request& request) {
  auto limit = request.optional_integer("limit", 1, longest_limit);
  if (!limit) return limit.error();
  return limit->value_or(default_limit);
}

}  // namespace handler
