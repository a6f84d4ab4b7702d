// Groups, looked at; what changes them is in group_changes.cc.
#include "worker/handler/families.h"
#include "worker/handler/resolve.h"

namespace handler {
namespace {

void write_role(wire::Writer& w, const std::optional<store::Role>& role) {
  if (role)
    w.string("role", store::name(*role));
  else
    w.null("role");
}

}  // namespace

loop::Task<void> group_info(Call call) {
  auto group = call.request().group("group");
  if (!group) co_return call.fail(group.error());
  auto info = co_await call.context().groups.info(*group, call.me().user);
  if (!info) co_return call.fail(info.error());
  call.reply([&](wire::Writer& w) {
    w.string("group", "#" + info->name).string("topic", info->topic).boolean("open", info->open);
    w.string("owner", info->owner).integer("members", info->members);
    write_role(w, info->role);
  });
}

// `next` is the last name on the page.
loop::Task<void> group_members(Call call) {
  auto group = call.request().group("group");
  if (!group) co_return call.fail(group.error());
  std::string after;
  if (call.request().has("after")) {
    auto given = call.request().user("after");
    if (!given) co_return call.fail(given.error());
    after = *given;
  }
  auto limit = limit_of(call.request());
  if (!limit) co_return call.fail(limit.error());
  Context& context = call.context();
  auto info = co_await context.groups.info_for_member(*group, call.me().user);
  if (!info) co_return call.fail(info.error());
  auto page = co_await context.groups.members(info->conv, after, *limit + 1);
  if (!page) co_return call.fail(page.error());
  const bool more = static_cast<int64_t>(page->size()) > *limit;
  if (more) page->pop_back();
  std::vector<int64_t> users;
  for (const store::GroupMember& member : *page) users.push_back(member.user);
  const auto online = co_await context.presence.online(std::move(users));
  call.reply([&](wire::Writer& w) {
    w.array("members");
    for (size_t i = 0; i < page->size(); ++i) {
      const store::GroupMember& member = (*page)[i];
      w.object().string("name", member.name).string("role", store::name(member.role));
      w.boolean("online", online[i] || context.registry.has_user(member.user)).end_object();
    }
    w.end_array();
    if (more) w.string("next", page->back().name);
  });
}

loop::Task<void> groups(Call call) {
  auto mine = co_await call.context().groups.of(call.me().user);
  if (!mine) co_return call.fail(mine.error());
  call.reply([&](wire::Writer& w) {
    w.array("groups");
    for (const store::GroupInfo& group : *mine) {
      w.object().string("group", "#" + group.name).string("topic", group.topic);
      write_role(w, group.role);
      w.integer("members", group.members).end_object();
    }
    w.end_array();
  });
}

}  // namespace handler
