// See group_changes.h. Every change gives one row: what it made of the group, what it found of those
// concerned, and from that alone the answer is derived, in the order of the checks.
#include "worker/store/group_changes.h"

#include "worker/store/refusals.h"

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
  m AS (INSERT INTO member (user_id, conv_id, role) SELECT $2, id, 2 FROM c),
  l AS (INSERT INTO member_change (conv_id, epoch, user_id, joined, seq) SELECT id, 1, $2, true, 0 FROM c)
  SELECT free.name, free.room, coalesce((SELECT id FROM c), 0) FROM free)"};

// $1 the group, $2 who asks; a role of -1: no member.
#define THE_GROUP                                                                                  \
  "WITH g AS MATERIALIZED ("                                                                       \
  "  SELECT g.conv_id, g.open, g.topic, g.members::bigint, c.last_seq, c.epoch, coalesce(m.role, " \
  "-1)::bigint AS role,"                                                                           \
  "         m.joined_seq"                                                                          \
  "  FROM groups g JOIN conversation c ON c.id = g.conv_id"                                        \
  "  LEFT JOIN member m ON m.conv_id = g.conv_id AND m.user_id = $2"                               \
  "  WHERE g.name = $1 AND g.deleted IS NULL), "
// $3 the user whom it concerns; an id of 0: nobody of that name.
#define AND_SOMEBODY                                                                          \
  "s AS MATERIALIZED ("                                                                       \
  "  SELECT g.*, coalesce(u.id, 0) AS who, coalesce(t.role, -1)::bigint AS their_role FROM g" \
  "  LEFT JOIN users u ON u.name = $3 LEFT JOIN member t ON t.conv_id = g.conv_id AND t.user_id = u.id), "
// A column of `ok`, which has a row if the change is to be made, is the user who comes or goes.
#define ENTER(WHO)                                                                                        \
  "m AS (INSERT INTO member (user_id, conv_id, recv_seq, read_seq, joined_seq)"                           \
  "      SELECT " WHO                                                                                     \
  ", conv_id, last_seq, last_seq, last_seq FROM ok), "                                                    \
  "n AS (UPDATE groups x SET members = x.members + 1 FROM ok WHERE x.conv_id = ok.conv_id), " RECORD(WHO, \
                                                                                                     "true")
#define EXIT(WHO)                                                                                     \
  "m AS (DELETE FROM member m USING ok WHERE m.conv_id = ok.conv_id AND m.user_id = " WHO             \
  "), "                                                                                               \
  "n AS (UPDATE groups x SET members = x.members - 1 FROM ok WHERE x.conv_id = ok.conv_id), " RECORD( \
      WHO, "false")
#define RECORD(WHO, JOINED)                                                \
  "l AS (INSERT INTO member_change (conv_id, epoch, user_id, joined, seq)" \
  "      SELECT conv_id, epoch + 1, " WHO ", " JOINED                      \
  ", last_seq FROM ok), "                                                  \
  "c AS (UPDATE conversation c SET epoch = c.epoch + 1 FROM ok WHERE c.id = ok.conv_id) "
#define SELECT_THE_GROUP                                                                                     \
  "SELECT conv_id, epoch + (SELECT count(*) FROM ok), last_seq, members, open, role, (SELECT count(*) FROM " \
  "ok) > 0"

// In the order of SELECT_THE_GROUP; what a statement adds comes behind.
enum Column { conv, epoch, last_seq, members, open, role, done, more };

// Joining again gives the seq of the first time.
constexpr pg::Statement join_group = {
    "join_group", THE_GROUP
    "j AS MATERIALIZED ("
    "  SELECT g.*, members < $3::bigint AS fits,"
    "         (SELECT count(*) FROM member m JOIN groups x USING (conv_id) WHERE m.user_id = $2) < "
    "$4::bigint AS room"
    "  FROM g), "
    "ok AS MATERIALIZED (SELECT * FROM j WHERE role < 0 AND open AND fits AND room), " ENTER("$2::bigint")
        SELECT_THE_GROUP ", fits, room, coalesce(joined_seq, last_seq) FROM j"};

constexpr pg::Statement leave_group = {
    "leave_group", THE_GROUP "ok AS MATERIALIZED (SELECT * FROM g WHERE role IN (0, 1)), " EXIT("$2::bigint")
                       SELECT_THE_GROUP " FROM g"};

constexpr pg::Statement invite_to_group = {
    "invite_to_group", THE_GROUP AND_SOMEBODY
    "j AS MATERIALIZED ("
    "  SELECT s.*, members < $4::bigint AS fits,"
    "         (SELECT count(*) FROM member m JOIN groups x USING (conv_id) WHERE m.user_id = who) < "
    "$5::bigint AS room,"
    "         EXISTS (SELECT 1 FROM block WHERE user_id = $2 AND blocked_id = who)"
    "           OR EXISTS (SELECT 1 FROM block WHERE user_id = who AND blocked_id = $2) AS blocked"
    "  FROM s), "
    "ok AS MATERIALIZED (SELECT * FROM j WHERE who > 0 AND their_role < 0 AND (role > 0 OR role = 0 AND open)"
    "                    AND NOT blocked AND fits AND room), " ENTER("who") SELECT_THE_GROUP
    ", who, their_role, blocked, fits, room FROM j"};

constexpr pg::Statement kick_from_group = {
    "kick_from_group", THE_GROUP AND_SOMEBODY
    "ok AS MATERIALIZED (SELECT * FROM s WHERE role > 0 AND their_role IN (0, 1)), " EXIT("who")
        SELECT_THE_GROUP ", who, their_role FROM s"};

// The one who hands the group over becomes an admin.
constexpr pg::Statement set_group_role = {
    "set_group_role", THE_GROUP AND_SOMEBODY
    "ok AS MATERIALIZED (SELECT * FROM s WHERE role = 2 AND who <> $2 AND their_role NOT IN (-1, "
    "$4::bigint)), "
    "m AS (UPDATE member m SET role = CASE WHEN m.user_id = ok.who THEN $4::bigint ELSE 1 END FROM ok"
    "      WHERE m.conv_id = ok.conv_id AND (m.user_id = ok.who OR m.user_id = $2 AND $4::bigint = 2)), "
    "o AS (UPDATE groups x SET owner_id = ok.who FROM ok WHERE x.conv_id = ok.conv_id AND $4::bigint = "
    "2) " SELECT_THE_GROUP ", who, their_role FROM s"};

constexpr pg::Statement set_group = {
    "set_group", THE_GROUP
    "ok AS MATERIALIZED (SELECT * FROM g WHERE role > 0 AND (topic <> coalesce($3, topic) OR open <> "
    "coalesce($4, open))), "
    "n AS (UPDATE groups x SET topic = coalesce($3, x.topic), open = coalesce($4, x.open) FROM ok"
    "      WHERE x.conv_id = ok.conv_id) " SELECT_THE_GROUP " FROM g"};

// Members are locked in the order in which acks are written, so that neither waits for the other in a ring.
constexpr pg::Statement remove_group = {
    "remove_group", THE_GROUP
    "ok AS MATERIALIZED (SELECT * FROM g WHERE role = 2), "
    "k AS MATERIALIZED (SELECT user_id, m.conv_id FROM member m JOIN ok USING (conv_id) ORDER BY user_id"
    "                   FOR UPDATE OF m), "
    "m AS (DELETE FROM member m USING k WHERE m.conv_id = k.conv_id AND m.user_id = k.user_id), "
    "n AS (UPDATE groups x SET members = 0, deleted = now() FROM ok WHERE x.conv_id = ok.conv_id), " RECORD(
        "0", "false") SELECT_THE_GROUP " FROM g"};

base::Error group_full() {
  return base::refusal(base::Code::group_full, "the group is full", "max_group_members");
}

// Who asks may know of the group.
bool exists(const pg::Rows& row) {
  return !row.empty() && (row.boolean(0, open) || row.int8(0, role) >= 0);
}

Role role_of(const pg::Rows& row) {
  return static_cast<Role>(row.int8(0, role));
}

constexpr auto no_member = static_cast<Role>(-1);

Membership to_membership(const pg::Rows& row, int64_t user, bool joined) {
  Membership change;
  change.conv = row.int8(0, conv);
  change.epoch = row.int8(0, epoch);
  change.user = user;
  change.seq = row.int8(0, last_seq);
  change.joined = joined;
  change.changed = row.boolean(0, done);
  change.members = row.int8(0, members);
  if (change.changed) change.members += joined ? 1 : -1;
  return change;
}

GroupChange to_change(const pg::Rows& row) {
  GroupChange change;
  change.conv = row.int8(0, conv);
  change.changed = row.boolean(0, done);
  return change;
}

}  // namespace

loop::Task<base::Result<pg::Rows>> GroupChanges::locked(const pg::Statement& lock, std::string name,
                                                        const pg::Statement& change, pg::Params params) {
  pg::Params key;
  key.text(name);
  auto row = co_await db_.locked(lock, std::move(key), change, std::move(params));
  if (!row && row.error().code == base::Code::unavailable) on_doubt_();
  co_return row;
}

loop::Task<base::Result<Membership>> GroupChanges::create(std::string name, int64_t owner, std::string topic,
                                                          bool open) {
  pg::Params params;
  params.text(name).int8(owner).text(topic).boolean(open).int8(settings_.max_groups);
  auto row = co_await locked(lock_name, name, create_group, std::move(params));
  if (!row) co_return row.error();
  if (!row->boolean(0, 0)) co_return base::refusal(base::Code::name_taken, "the name has been used");
  if (!row->boolean(0, 1)) co_return too_many("you are in too many groups", "max_groups");
  Membership made;
  made.conv = row->int8(0, 2);
  made.epoch = 1;
  made.user = owner;
  made.members = 1;
  co_return made;
}

loop::Task<base::Result<Membership>> GroupChanges::join(std::string name, int64_t user) {
  pg::Params params;
  params.text(name).int8(user).int8(settings_.max_group_members).int8(settings_.max_groups);
  auto row = co_await locked(lock_group, name, join_group, std::move(params));
  if (!row) co_return row.error();
  if (!exists(*row)) co_return no_such_group(name);
  Membership joined = to_membership(*row, user, true);
  joined.seq = row->int8(0, more + 2);
  if (role_of(*row) != no_member) co_return joined;
  if (!row->boolean(0, more)) co_return group_full();
  if (!row->boolean(0, more + 1)) co_return too_many("you are in too many groups", "max_groups");
  co_return joined;
}

loop::Task<base::Result<Membership>> GroupChanges::leave(std::string name, int64_t user) {
  pg::Params params;
  params.text(name).int8(user);
  auto row = co_await locked(lock_group, name, leave_group, std::move(params));
  if (!row) co_return row.error();
  if (!exists(*row)) co_return no_such_group(name);
  if (role_of(*row) == no_member) co_return not_member(name);
  if (role_of(*row) == Role::owner) co_return forbidden("the owner can't leave");
  co_return to_membership(*row, user, false);
}

loop::Task<base::Result<Membership>> GroupChanges::invite(std::string name, int64_t by, std::string who) {
  pg::Params params;
  params.text(name).int8(by).text(who).int8(settings_.max_group_members).int8(settings_.max_groups);
  auto row = co_await locked(lock_group, name, invite_to_group, std::move(params));
  if (!row) co_return row.error();
  if (!exists(*row)) co_return no_such_group(name);
  const int64_t user = row->int8(0, more);
  if (user == 0) co_return no_such_user(who);
  const Membership invited = to_membership(*row, user, true);
  if (row->int8(0, more + 1) >= 0) co_return invited;  // a member already
  if (role_of(*row) == no_member) co_return not_member(name);
  if (role_of(*row) == Role::member && !row->boolean(0, open))
    co_return forbidden("into a closed group admins invite");
  if (row->boolean(0, more + 2)) co_return blocked();
  if (!row->boolean(0, more + 3)) co_return group_full();
  if (!row->boolean(0, more + 4)) co_return too_many("they are in too many groups", "max_groups");
  co_return invited;
}

loop::Task<base::Result<Membership>> GroupChanges::kick(std::string name, int64_t by, std::string who) {
  pg::Params params;
  params.text(name).int8(by).text(who);
  auto row = co_await locked(lock_group, name, kick_from_group, std::move(params));
  if (!row) co_return row.error();
  if (!exists(*row)) co_return no_such_group(name);
  const int64_t user = row->int8(0, more);
  if (user == 0) co_return no_such_user(who);
  if (row->int8(0, more + 1) < 0 || role_of(*row) == no_member) co_return not_member(name);
  if (role_of(*row) == Role::member) co_return forbidden("admins kick");
  if (static_cast<Role>(row->int8(0, more + 1)) == Role::owner) co_return forbidden("nobody kicks the owner");
  co_return to_membership(*row, user, false);
}

// The owner can only hand the group over: it always has one.
loop::Task<base::Result<GroupChange>> GroupChanges::set_role(std::string name, int64_t by, std::string who,
                                                             Role role) {
  pg::Params params;
  params.text(name).int8(by).text(who).int8(static_cast<int64_t>(role));
  auto row = co_await locked(lock_group, name, set_group_role, std::move(params));
  if (!row) co_return row.error();
  if (!exists(*row)) co_return no_such_group(name);
  const int64_t user = row->int8(0, more);
  if (user == 0) co_return no_such_user(who);
  if (row->int8(0, more + 1) < 0 || role_of(*row) == no_member) co_return not_member(name);
  if (role_of(*row) != Role::owner) co_return forbidden("the owner gives roles");
  if (user == by && role != Role::owner) co_return forbidden("make somebody else the owner");
  co_return to_change(*row);
}

loop::Task<base::Result<GroupChange>> GroupChanges::set(std::string name, int64_t by,
                                                        std::optional<std::string> topic,
                                                        std::optional<bool> open) {
  pg::Params params;
  params.text(name).int8(by);
  topic ? params.text(*topic) : params.null();
  open ? params.boolean(*open) : params.null();
  auto row = co_await locked(lock_group, name, set_group, std::move(params));
  if (!row) co_return row.error();
  if (!exists(*row)) co_return no_such_group(name);
  if (role_of(*row) == no_member) co_return not_member(name);
  if (role_of(*row) == Role::member) co_return forbidden("admins change a group");
  co_return to_change(*row);
}

loop::Task<base::Result<Membership>> GroupChanges::remove(std::string name, int64_t by) {
  pg::Params params;
  params.text(name).int8(by);
  auto row = co_await locked(lock_group, name, remove_group, std::move(params));
  if (!row) co_return row.error();
  if (!exists(*row)) co_return no_such_group(name);
  if (role_of(*row) == no_member) co_return not_member(name);
  if (role_of(*row) != Role::owner) co_return forbidden("the owner deletes a group");
  co_return to_membership(*row, Membership::everybody, false);
}

}  // namespace store
