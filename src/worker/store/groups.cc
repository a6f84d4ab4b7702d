// See groups.h.
#include "worker/store/groups.h"

#include "worker/store/refusals.h"

namespace store {
namespace {

constexpr pg::Statement group_info = {"group_info", R"(
  SELECT g.conv_id, g.name, g.topic, o.name, g.open, g.members::bigint, coalesce(m.role, -1)::bigint
  FROM groups g JOIN users o ON o.id = g.owner_id
  LEFT JOIN member m ON m.conv_id = g.conv_id AND m.user_id = $2
  WHERE g.name = $1 AND g.deleted IS NULL AND (g.open OR m.role IS NOT NULL))"};

constexpr pg::Statement groups_of = {"groups_of", R"(
  SELECT g.conv_id, g.name, g.topic, o.name, g.open, g.members::bigint, m.role::bigint
  FROM member m JOIN groups g USING (conv_id) JOIN users o ON o.id = g.owner_id
  WHERE m.user_id = $1 AND g.deleted IS NULL ORDER BY g.name)"};

constexpr pg::Statement group_members = {"group_members", R"(
  SELECT u.id, u.name, m.role::bigint FROM member m JOIN users u ON u.id = m.user_id
  WHERE m.conv_id = $1 AND u.name > $2 ORDER BY u.name LIMIT $3)"};

constexpr pg::Statement group_conversation = {"group_conversation", R"(
  SELECT conv_id FROM groups WHERE name = $1)"};

GroupInfo to_info(const pg::Rows& rows, int row) {
  GroupInfo info;
  info.conv = rows.int8(row, 0);
  info.name = rows.text(row, 1);
  info.topic = rows.text(row, 2);
  info.owner = rows.text(row, 3);
  info.open = rows.boolean(row, 4);
  info.members = rows.int8(row, 5);
  const int64_t role = rows.int8(row, 6);
  if (role >= 0) info.role = static_cast<Role>(role);
  return info;
}

}  // namespace

std::string_view name(Role role) {
  return role == Role::owner ? "owner" : role == Role::admin ? "admin" : "member";
}

Role role(std::string_view name) {
  return name == "owner" ? Role::owner : name == "admin" ? Role::admin : Role::member;
}

Groups::Groups(Database& database, const conf::Settings& settings)
    : db_(database), ids_(static_cast<size_t>(settings.name_cache)) {}

loop::Task<base::Result<GroupInfo>> Groups::info(std::string name, int64_t asker) {
  pg::Params params;
  params.text(name).int8(asker);
  auto rows = co_await db_.query(group_info, std::move(params));
  if (!rows) co_return rows.error();
  if (rows->empty()) co_return no_such_group(name);
  co_return to_info(*rows, 0);
}

loop::Task<base::Result<GroupInfo>> Groups::info_for_member(std::string name, int64_t asker) {
  auto group = co_await info(name, asker);
  if (group && !group->role) co_return not_member(name);
  co_return group;
}

loop::Task<base::Result<std::vector<GroupMember>>> Groups::members(int64_t conv, std::string after,
                                                                   int64_t limit) {
  pg::Params params;
  params.int8(conv).text(after).int8(limit);
  auto rows = co_await db_.query(group_members, std::move(params));
  if (!rows) co_return rows.error();
  std::vector<GroupMember> found;
  for (int i = 0; i < rows->count(); ++i) {
    GroupMember member;
    member.user = rows->int8(i, 0);
    member.name = rows->text(i, 1);
    member.role = static_cast<Role>(rows->int8(i, 2));
    found.push_back(std::move(member));
  }
  co_return found;
}

loop::Task<base::Result<std::vector<GroupInfo>>> Groups::of(int64_t user) {
  pg::Params params;
  params.int8(user);
  auto rows = co_await db_.query(groups_of, std::move(params));
  if (!rows) co_return rows.error();
  std::vector<GroupInfo> found;
  for (int i = 0; i < rows->count(); ++i) found.push_back(to_info(*rows, i));
  co_return found;
}

loop::Task<base::Result<int64_t>> Groups::conversation(std::string name) {
  if (const auto known = ids_.find(name)) co_return *known;
  pg::Params params;
  params.text(name);
  auto rows = co_await db_.query(group_conversation, std::move(params));
  if (!rows) co_return rows.error();
  if (rows->empty()) co_return no_such_group(name);
  const int64_t conv = rows->int8(0, 0);
  ids_.put(name, conv);
  co_return conv;
}

}  // namespace store
