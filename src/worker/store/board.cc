// See board.h.
#include "worker/store/board.h"

namespace store {
namespace {

constexpr pg::Statement recent_revocations = {"recent_revocations", R"(
  SELECT user_id, at FROM revocation
  WHERE at > now() - $1::bigint * interval '1 millisecond')"};

// A lease that has ended since the last look counts: its holder may have committed until then.
constexpr pg::Statement who_is_mute = {"who_is_mute", R"(
  SELECT origin, (extract(epoch FROM now() - since) * 1000)::bigint FROM mute
  WHERE origin <> $1 AND until > now() - $2::bigint * interval '1 millisecond')"};

constexpr pg::Statement set_mute = {"set_mute", R"(
  INSERT INTO mute (origin, since, until)
  VALUES ($1, now() - $2::bigint * interval '1 millisecond', now() + $3::bigint * interval '1 millisecond')
  ON CONFLICT (origin) DO UPDATE SET since = EXCLUDED.since, until = EXCLUDED.until)"};
constexpr pg::Statement drop_mute = {"drop_mute", "DELETE FROM mute WHERE origin = $1"};

constexpr pg::Statement sweep_revocations = {"sweep_revocations", R"(
  DELETE FROM revocation WHERE at < now() - interval '1 hour')"};
constexpr pg::Statement sweep_mute = {"sweep_mute", R"(
  DELETE FROM mute WHERE until < now() - interval '1 hour')"};

}  // namespace

loop::Task<base::Result<Board::News>> Board::look(uint64_t origin, int64_t revoked_ms, int64_t mute_ms) {
  std::vector<pg::Query> queries(2);
  queries[0].statement = &recent_revocations;
  queries[0].params.int8(revoked_ms);
  queries[1].statement = &who_is_mute;
  queries[1].params.int8(static_cast<int64_t>(origin)).int8(mute_ms);
  auto rows = co_await db_.transaction(std::move(queries));
  if (!rows) co_return rows.error();
  News news;
  const pg::Rows& revoked = rows->front();
  for (int i = 0; i < revoked.count(); ++i) {
    Revocation revocation;
    revocation.user_id = revoked.int8(i, 0);
    revocation.at = revoked.micros(i, 1);
    news.revocations.push_back(std::move(revocation));
  }
  const pg::Rows& mute = rows->back();
  for (int i = 0; i < mute.count(); ++i) {
    Mute other;
    other.origin = static_cast<uint64_t>(mute.int8(i, 0));
    other.age_ms = mute.int8(i, 1);
    news.mute.push_back(other);
  }
  co_return news;
}

loop::Task<base::Result<void>> Board::mute(uint64_t origin, int64_t age_ms, int64_t lease_ms) {
  pg::Params params;
  params.int8(static_cast<int64_t>(origin)).int8(age_ms).int8(lease_ms);
  auto rows = co_await db_.query(set_mute, std::move(params));
  if (!rows) co_return rows.error();
  co_return base::ok();
}

loop::Task<base::Result<void>> Board::unmute(uint64_t origin) {
  pg::Params params;
  params.int8(static_cast<int64_t>(origin));
  auto rows = co_await db_.query(drop_mute, std::move(params));
  if (!rows) co_return rows.error();
  co_return base::ok();
}

loop::Task<base::Result<void>> Board::sweep() {
  std::vector<pg::Query> queries;
  queries.push_back(pg::Query{&sweep_revocations, pg::Params()});
  queries.push_back(pg::Query{&sweep_mute, pg::Params()});
  auto rows = co_await db_.transaction(std::move(queries));
  if (!rows) co_return rows.error();
  co_return base::ok();
}

}  // namespace store
