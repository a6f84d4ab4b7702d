// See blocks.h.
#include "worker/store/blocks.h"

#include "worker/store/refusals.h"

namespace store {
namespace {

constexpr pg::Statement lock_conversation = {"lock_conversation", R"(
  SELECT 1 FROM conversation WHERE id = $1 FOR NO KEY UPDATE)"};

// Repeated, it is no change, whatever the limit.
constexpr pg::Statement add_block = {"add_block", R"(
  WITH room AS MATERIALIZED (
    SELECT (SELECT count(*) FROM block WHERE user_id = $1) < $4::bigint
        OR EXISTS (SELECT 1 FROM block WHERE user_id = $1 AND blocked_id = $2) AS ok),
  b AS (INSERT INTO block (user_id, blocked_id) SELECT $1, $2 FROM room WHERE ok ON CONFLICT DO NOTHING),
  c AS (UPDATE conversation c SET blocked = true FROM room WHERE c.id = $3 AND room.ok AND NOT c.blocked)
  SELECT ok FROM room)"};

// The other one's block stays.
constexpr pg::Statement remove_block = {"remove_block", R"(
  WITH b AS (DELETE FROM block WHERE user_id = $1 AND blocked_id = $2)
  UPDATE conversation SET blocked = EXISTS (SELECT 1 FROM block WHERE user_id = $2 AND blocked_id = $1)
  WHERE id = $3)"};

constexpr pg::Statement is_blocked = {"is_blocked", "SELECT blocked FROM conversation WHERE id = $1"};

}  // namespace

loop::Task<base::Result<pg::Rows>> Blocks::locked(int64_t conv, const pg::Statement& change,
                                                  pg::Params params) {
  pg::Params key;
  key.int8(conv);
  return db_.locked(lock_conversation, std::move(key), change, std::move(params));
}

// Two who have never written get a conversation, which has the mark.
loop::Task<base::Result<void>> Blocks::add(int64_t user, std::string name) {
  auto direct = co_await conversations_.direct(user, name, true);
  if (!direct) co_return direct.error();
  pg::Params params;
  params.int8(user).int8(direct->peer).int8(direct->conv).int8(settings_.max_blocks);
  auto row = co_await locked(direct->conv, add_block, std::move(params));
  if (!row) co_return row.error();
  if (!row->boolean(0, 0)) co_return too_many("you block too many", "max_blocks");
  co_return base::ok();
}

loop::Task<base::Result<void>> Blocks::remove(int64_t user, std::string name) {
  auto direct = co_await conversations_.direct(user, name, false);
  if (!direct) co_return direct.error();
  if (direct->conv == 0) co_return base::ok();
  pg::Params params;
  params.int8(user).int8(direct->peer).int8(direct->conv);
  auto row = co_await locked(direct->conv, remove_block, std::move(params));
  if (!row) co_return row.error();
  co_return base::ok();
}

loop::Task<base::Result<bool>> Blocks::between(Direct direct) {
  if (direct.conv == 0) co_return false;
  pg::Params params;
  params.int8(direct.conv);
  auto rows = co_await db_.query(is_blocked, std::move(params));
  if (!rows) co_return rows.error();
  co_return !rows->empty() && rows->boolean(0, 0);
}

}  // namespace store
