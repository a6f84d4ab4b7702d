// See memberships.h.
#include "worker/store/memberships.h"

namespace store {
namespace {

constexpr pg::Statement memberships_of = {"memberships_of", R"(
  SELECT m.conv_id, c.epoch, m.user_id, m.joined_seq, true
  FROM member m JOIN groups g USING (conv_id) JOIN conversation c ON c.id = m.conv_id
  WHERE m.user_id = $1)"};

constexpr pg::Statement changes_since = {"changes_since", R"(
  SELECT conv_id, epoch, user_id, seq, joined FROM member_change
  WHERE conv_id = $1 AND epoch > $2 ORDER BY epoch)"};
constexpr pg::Statement current_epoch = {"current_epoch", "SELECT epoch FROM conversation WHERE id = $1"};

// Each LATERAL has a LIMIT, so that no plan made while a table was small reads it whole later.
constexpr pg::Statement members_among = {"members_among", R"(
  SELECT c.id, c.epoch, u.user_id, coalesce(m.joined_seq, 0), m.user_id IS NOT NULL
  FROM unnest($2::bigint[]) u(user_id)
  CROSS JOIN LATERAL (SELECT id, epoch FROM conversation WHERE id = $1 LIMIT 1) c
  LEFT JOIN LATERAL (SELECT user_id, joined_seq FROM member
                     WHERE user_id = u.user_id AND conv_id = $1 LIMIT 1) m ON true)"};

constexpr pg::Statement recent_changes = {"recent_changes", R"(
  SELECT conv_id, epoch, user_id, seq, joined FROM member_change
  WHERE at > now() - $1::bigint * interval '1 millisecond' ORDER BY conv_id, epoch)"};

std::vector<Membership> to_memberships(const pg::Rows& rows) {
  std::vector<Membership> found;
  for (int i = 0; i < rows.count(); ++i) {
    Membership membership;
    membership.conv = rows.int8(i, 0);
    membership.epoch = rows.int8(i, 1);
    membership.user = rows.int8(i, 2);
    membership.seq = rows.int8(i, 3);
    membership.joined = rows.boolean(i, 4);
    found.push_back(membership);
  }
  return found;
}

}  // namespace

loop::Task<base::Result<std::vector<Membership>>> Memberships::of(int64_t user) {
  pg::Params params;
  params.int8(user);
  auto rows = co_await db_.query(memberships_of, std::move(params));
  if (!rows) co_return rows.error();
  co_return to_memberships(*rows);
}

// The epoch is read first: what is committed between the two statements is read as well, and applying it
// early is harmless.
loop::Task<base::Result<Memberships::Changes>> Memberships::since(int64_t conv, int64_t epoch) {
  std::vector<pg::Query> queries(2);
  queries[0].statement = &current_epoch;
  queries[0].params.int8(conv);
  queries[1].statement = &changes_since;
  queries[1].params.int8(conv).int8(epoch);
  auto rows = co_await db_.transaction(std::move(queries));
  if (!rows) co_return rows.error();
  Changes found;
  found.epoch = rows->front().empty() ? epoch : rows->front().int8(0, 0);
  found.changes = to_memberships(rows->back());
  found.complete =
      found.epoch == epoch || (!found.changes.empty() && found.changes.front().epoch == epoch + 1);
  co_return found;
}

loop::Task<base::Result<Memberships::Changes>> Memberships::among(int64_t conv, std::vector<int64_t> users) {
  pg::Params params;
  params.int8(conv).int8_array(users);
  auto rows = co_await db_.query(members_among, std::move(params));
  if (!rows) co_return rows.error();
  Changes found;
  found.changes = to_memberships(*rows);
  if (!found.changes.empty()) found.epoch = found.changes.front().epoch;
  co_return found;
}

loop::Task<base::Result<std::vector<Membership>>> Memberships::recent(int64_t window_ms) {
  pg::Params params;
  params.int8(window_ms);
  auto rows = co_await db_.query(recent_changes, std::move(params));
  if (!rows) co_return rows.error();
  co_return to_memberships(*rows);
}

}  // namespace store
