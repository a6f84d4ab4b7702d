// See table.h. Sorted by name.
#include "worker/handler/table.h"

#include <algorithm>
#include <array>

#include "worker/handler/families.h"

namespace handler {
namespace {

//  name        access          barrier quiet  handler
constexpr std::array<Op, 29> table = {{
    {"ack", Access::user, false, true, ack},
    {"block", Access::user, true, false, block},
    {"contact_add", Access::user, true, false, contact_add},
    {"contact_remove", Access::user, true, false, contact_remove},
    {"contacts", Access::user, true, false, contacts},
    {"conversations", Access::user, true, false, conversations},
    {"group_create", Access::user, true, false, group_create},
    {"group_delete", Access::user, true, false, group_delete},
    {"group_info", Access::user, true, false, group_info},
    {"group_invite", Access::user, true, false, group_invite},
    {"group_join", Access::user, true, false, group_join},
    {"group_kick", Access::user, true, false, group_kick},
    {"group_leave", Access::user, true, false, group_leave},
    {"group_members", Access::user, true, false, group_members},
    {"group_role", Access::user, true, false, group_role},
    {"group_set", Access::user, true, false, group_set},
    {"groups", Access::user, true, false, groups},
    {"history", Access::user, true, false, history},
    {"login", Access::guest, true, false, login},
    {"logout", Access::user, true, false, logout},
    {"passwd", Access::user, true, false, passwd},
    {"ping", Access::anyone, false, false, ping},
    {"presence", Access::user, true, false, presence},
    {"profile", Access::user, true, false, profile},
    {"read", Access::user, false, true, read},
    {"register", Access::guest, true, false, register_user},
    {"send", Access::user, false, false, send},
    {"typing", Access::user, false, true, typing},
    {"unblock", Access::user, true, false, unblock},
}};
static_assert(std::is_sorted(table.begin(), table.end(),
                             [](const Op& a, const Op& b) { return a.name < b.name; }));

}  // namespace

std::span<const Op> ops() {
  return table;
}

const Op* find_op(std::string_view name) {
  const auto found = std::lower_bound(table.begin(), table.end(), name,
                                      [](const Op& op, std::string_view wanted) { return op.name < wanted; });
  return found != table.end() && found->name == name ? &*found : nullptr;
}

}  // namespace handler
