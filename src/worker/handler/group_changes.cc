// Groups, changed: made, joined, left, given other members, roles, words, and deleted. A change is answered
// when it is committed and this worker acts on it: what the client sends next sees it. Then the others are
// told.
#include "worker/handler/families.h"
#include "worker/handler/resolve.h"

namespace handler {
namespace {

constexpr size_t longest_topic = 256;  // bytes; the wire's

// What most of them are asked with.
struct Asked {
  std::string group{};  // without its mark
  std::string name{};
};

base::Result<Asked> read(const wire::Request& request, bool with_name) {
  Asked asked;
  auto group = request.group("group");
  if (!group) return group.error();
  asked.group = std::move(*group);
  if (!with_name) return asked;
  auto name = request.user("name");
  if (!name) return name.error();
  asked.name = std::move(*name);
  return asked;
}

// One change in the words of the event; the strings of `asked` outlive it.
wire::GroupEvent event(const std::string& group, const Call& call, std::string_view change,
                       std::string_view name = {}) {
  wire::GroupEvent event;
  event.group = group;
  event.by = call.me().name;
  event.change = change;
  event.name = name;
  return event;
}

// Carries out a change of membership and tells of it.
loop::Task<void> act(Call& call, store::Membership change, std::string group, const char* word,
                     std::string name) {
  if (!change.changed) co_return;
  Context& context = call.context();
  co_await context.router.changed(change);
  const std::string marked = "#" + group;
  context.notices.group(actor(call), change.conv, change.members, change.user,
                        event(marked, call, word, name));
}

}  // namespace

loop::Task<void> group_create(Call call) {
  auto group = call.request().group("group");
  if (!group) co_return call.fail(group.error());
  auto topic = call.request().optional_string("topic", 0, longest_topic);
  if (!topic) co_return call.fail(topic.error());
  auto open = call.request().optional_boolean("open");
  if (!open) co_return call.fail(open.error());
  auto made = co_await call.context().group_changes.create(*group, call.me().user, topic->value_or(""),
                                                           open->value_or(true));
  if (!made) co_return call.fail(made.error());
  co_await act(call, *made, *group, "created", "");
  call.reply([&](wire::Writer& w) { w.string("group", "#" + *group); });
}

loop::Task<void> group_join(Call call) {
  auto asked = read(call.request(), false);
  if (!asked) co_return call.fail(asked.error());
  auto joined = co_await call.context().group_changes.join(asked->group, call.me().user);
  if (!joined) co_return call.fail(joined.error());
  co_await act(call, *joined, asked->group, "joined", "");
  call.reply([&](wire::Writer& w) { w.integer("last_seq", joined->seq); });
}

loop::Task<void> group_leave(Call call) {
  auto asked = read(call.request(), false);
  if (!asked) co_return call.fail(asked.error());
  auto left = co_await call.context().group_changes.leave(asked->group, call.me().user);
  if (!left) co_return call.fail(left.error());
  co_await act(call, *left, asked->group, "left", "");
  call.reply();
}

loop::Task<void> group_invite(Call call) {
  auto asked = read(call.request(), true);
  if (!asked) co_return call.fail(asked.error());
  auto invited = co_await call.context().group_changes.invite(asked->group, call.me().user, asked->name);
  if (!invited) co_return call.fail(invited.error());
  co_await act(call, *invited, asked->group, "invited", asked->name);
  call.reply();
}

loop::Task<void> group_kick(Call call) {
  auto asked = read(call.request(), true);
  if (!asked) co_return call.fail(asked.error());
  auto kicked = co_await call.context().group_changes.kick(asked->group, call.me().user, asked->name);
  if (!kicked) co_return call.fail(kicked.error());
  co_await act(call, *kicked, asked->group, "kicked", asked->name);
  call.reply();
}

// Who hands the group over is told as an admin from then on.
loop::Task<void> group_role(Call call) {
  auto asked = read(call.request(), true);
  if (!asked) co_return call.fail(asked.error());
  auto word = call.request().choice("role", {"admin", "member", "owner"});
  if (!word) co_return call.fail(word.error());
  const store::Role role = store::role(*word);
  auto changed =
      co_await call.context().group_changes.set_role(asked->group, call.me().user, asked->name, role);
  if (!changed) co_return call.fail(changed.error());
  const std::string group = "#" + asked->group;
  const auto tell = [&](std::string_view name, store::Role is) {
    wire::GroupEvent told = event(group, call, "role", name);
    told.role = store::name(is);
    call.context().notices.group(actor(call), changed->conv, 0, 0, told);
  };
  if (changed->changed) tell(asked->name, role);
  if (changed->changed && role == store::Role::owner) tell(call.me().name, store::Role::admin);
  call.reply();
}

loop::Task<void> group_set(Call call) {
  auto asked = read(call.request(), false);
  if (!asked) co_return call.fail(asked.error());
  auto topic = call.request().optional_string("topic", 0, longest_topic);
  if (!topic) co_return call.fail(topic.error());
  auto open = call.request().optional_boolean("open");
  if (!open) co_return call.fail(open.error());
  auto changed = co_await call.context().group_changes.set(asked->group, call.me().user, *topic, *open);
  if (!changed) co_return call.fail(changed.error());
  const std::string group = "#" + asked->group;
  wire::GroupEvent told = event(group, call, "set");
  told.topic = *topic;
  told.open = *open;
  if (changed->changed) call.context().notices.group(actor(call), changed->conv, 0, 0, told);
  call.reply();
}

// Told first: afterwards there is nobody in the group to be told.
loop::Task<void> group_delete(Call call) {
  auto asked = read(call.request(), false);
  if (!asked) co_return call.fail(asked.error());
  Context& context = call.context();
  auto gone = co_await context.group_changes.remove(asked->group, call.me().user);
  if (!gone) co_return call.fail(gone.error());
  const std::string group = "#" + asked->group;
  context.notices.group(actor(call), gone->conv, 0, 0, event(group, call, "deleted"));
  co_await context.router.changed(*gone);
  call.reply();
}

}  // namespace handler
