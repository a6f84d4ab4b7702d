// See groups.h. Each change is one transaction of two statements: the lock, and then, with a fresh snapshot,
// the change, which says why it did nothing.
#include "worker/store/groups.h"

namespace store {
namespace {

constexpr pg::Statement lock_name = {"lock_name", "SELECT pg_advisory_xact_lock(1, hashtext($1::text))"};

constexpr pg::Statement lock_group = {"lock_group", R"(
  SELECT c.id FROM groups g JOIN conversation c ON c.id = g.conv_id
  WHERE g.name = $1 FOR NO KEY UPDATE OF c)"};

constexpr pg::Statement create_group = {"create_group", R"(
  WITH free AS MATERIALIZED (
    SELECT NOT EXISTS (SELECT 1 FROM groups WHERE name = $1) AS name,
           (SELECT count(*) FROM member m JOIN groups g USING (conv_id) WHERE m.user_id = $2) < $5::bigint AS room),
  c AS (INSERT INTO conversation (epoch) SELECT 1 FROM free WHERE name AND room RETURNING id),
  g AS (INSERT INTO groups (conv_id, name, topic, open, owner_id, members)
        SELECT id, $1, $3, $4, $2, 1 FROM c),
  m AS (INSERT INTO member (user_id, conv_id, role) SELECT $2, id, 2 FROM c)
  SELECT free.name, free.room, coalesce((SELECT id FROM c), 0) FROM free)"};

constexpr pg::Statement join_group = {"join_group", R"(
  WITH g AS MATERIALIZED (
    SELECT g.conv_id, g.open, g.members < $3::bigint AS fits, c.last_seq, c.epoch,
           (SELECT count(*) FROM member m JOIN groups x USING (conv_id) WHERE m.user_id = $2) < $4::bigint AS room
    FROM groups g JOIN conversation c ON c.id = g.conv_id WHERE g.name = $1 AND g.deleted IS NULL),
  had AS MATERIALIZED (
    SELECT m.joined_seq FROM member m JOIN g ON m.conv_id = g.conv_id WHERE m.user_id = $2),
  fresh AS MATERIALIZED (
    SELECT * FROM g WHERE open AND fits AND room AND NOT EXISTS (SELECT 1 FROM had)),
  m AS (INSERT INTO member (user_id, conv_id, recv_seq, read_seq, joined_seq)
        SELECT $2, conv_id, last_seq, last_seq, last_seq FROM fresh),
  l AS (INSERT INTO member_change (conv_id, epoch, user_id, joined, seq)
        SELECT conv_id, epoch + 1, $2, true, last_seq FROM fresh),
  c AS (UPDATE conversation c SET epoch = c.epoch + 1 FROM fresh WHERE c.id = fresh.conv_id),
  n AS (UPDATE groups x SET members = x.members + 1 FROM fresh WHERE x.conv_id = fresh.conv_id)
  SELECT g.conv_id, g.epoch + (SELECT count(*) FROM fresh), coalesce(had.joined_seq, g.last_seq),
         had.joined_seq IS NOT NULL, g.open, g.fits, g.room
  FROM g LEFT JOIN had ON true)"};

constexpr pg::Statement leave_group = {"leave_group", R"(
  WITH g AS MATERIALIZED (
    SELECT g.conv_id, g.open, c.last_seq, c.epoch, m.role
    FROM groups g JOIN conversation c ON c.id = g.conv_id
    LEFT JOIN member m ON m.conv_id = g.conv_id AND m.user_id = $2
    WHERE g.name = $1 AND g.deleted IS NULL),
  ok AS MATERIALIZED (SELECT * FROM g WHERE role < 2),
  m AS (DELETE FROM member m USING ok WHERE m.conv_id = ok.conv_id AND m.user_id = $2),
  l AS (INSERT INTO member_change (conv_id, epoch, user_id, joined, seq)
        SELECT conv_id, epoch + 1, $2, false, last_seq FROM ok),
  c AS (UPDATE conversation c SET epoch = c.epoch + 1 FROM ok WHERE c.id = ok.conv_id),
  n AS (UPDATE groups x SET members = x.members - 1 FROM ok WHERE x.conv_id = ok.conv_id)
  SELECT conv_id, epoch + 1, last_seq, open, coalesce(role, -1)::bigint FROM g)"};

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

base::Error refusal(base::Code code, std::string detail, std::string subject = {}) {
  base::Error error;
  error.code = code;
  error.detail = std::move(detail);
  error.subject = std::move(subject);
  return error;
}

base::Error no_such_group(const std::string& name) {
  return refusal(base::Code::no_such_group, "no group #" + name);
}

base::Error not_member(const std::string& name) {
  return refusal(base::Code::not_member, "not a member of #" + name);
}

base::Error too_many_groups() {
  return refusal(base::Code::too_many, "in too many groups", "max_groups");
}

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

Groups::Groups(Database& database, const conf::Settings& settings)
    : db_(database), settings_(settings), ids_(static_cast<size_t>(settings.name_cache)) {}

loop::Task<base::Result<Membership>> Groups::create(std::string name, int64_t owner, std::string topic,
                                                    bool open) {
  std::vector<pg::Query> queries(2);
  queries[0].statement = &lock_name;
  queries[0].params.text(name);
  queries[1].statement = &create_group;
  queries[1].params.text(name).int8(owner).text(topic).boolean(open).int8(settings_.max_groups);
  auto rows = co_await db_.transaction(std::move(queries));
  if (!rows) co_return rows.error();
  const pg::Rows& row = rows->back();
  if (!row.boolean(0, 0)) co_return refusal(base::Code::name_taken, "the name has been used");
  if (!row.boolean(0, 1)) co_return too_many_groups();
  Membership made;
  made.conv = row.int8(0, 2);
  made.epoch = 1;
  made.user = owner;
  co_return made;
}

loop::Task<base::Result<Membership>> Groups::join(std::string name, int64_t user) {
  std::vector<pg::Query> queries(2);
  queries[0].statement = &lock_group;
  queries[0].params.text(name);
  queries[1].statement = &join_group;
  queries[1].params.text(name).int8(user).int8(settings_.max_group_members).int8(settings_.max_groups);
  auto rows = co_await db_.transaction(std::move(queries));
  if (!rows) co_return rows.error();
  const pg::Rows& row = rows->back();
  const bool known = !row.empty() && (row.boolean(0, 3) || row.boolean(0, 4));
  if (!known) co_return no_such_group(name);
  Membership joined;
  joined.conv = row.int8(0, 0);
  joined.epoch = row.int8(0, 1);
  joined.seq = row.int8(0, 2);
  joined.user = user;
  joined.changed = !row.boolean(0, 3);
  if (joined.changed && !row.boolean(0, 5))
    co_return refusal(base::Code::group_full, "the group is full", "max_group_members");
  if (joined.changed && !row.boolean(0, 6)) co_return too_many_groups();
  co_return joined;
}

loop::Task<base::Result<Membership>> Groups::leave(std::string name, int64_t user) {
  std::vector<pg::Query> queries(2);
  queries[0].statement = &lock_group;
  queries[0].params.text(name);
  queries[1].statement = &leave_group;
  queries[1].params.text(name).int8(user);
  auto rows = co_await db_.transaction(std::move(queries));
  if (!rows) co_return rows.error();
  const pg::Rows& row = rows->back();
  if (row.empty()) co_return no_such_group(name);
  const int64_t role = row.int8(0, 4);
  if (role < 0) co_return row.boolean(0, 3) ? not_member(name) : no_such_group(name);
  if (role == static_cast<int64_t>(Role::owner))
    co_return refusal(base::Code::forbidden, "the owner can't leave");
  Membership left;
  left.conv = row.int8(0, 0);
  left.epoch = row.int8(0, 1);
  left.seq = row.int8(0, 2);
  left.user = user;
  left.joined = false;
  co_return left;
}

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
