// See acks.h. Rows are locked in the order of their key, so that two workers never wait for each other.
#include "worker/store/acks.h"

#include <algorithm>
#include <array>

#include "common/loop/wait.h"

namespace store {
namespace {

constexpr size_t rows_at_once = 500;  // a statement of some milliseconds, not of a second

constexpr pg::Statement write_acks = {"write_acks", R"(
  WITH ack AS MATERIALIZED (
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) a(user_id, conv_id, seq)),
  locked AS MATERIALIZED (
    SELECT m.user_id, m.conv_id, a.seq FROM member m
    JOIN ack a ON a.user_id = m.user_id AND a.conv_id = m.conv_id
    WHERE m.recv_seq < a.seq ORDER BY m.user_id, m.conv_id FOR NO KEY UPDATE OF m)
  UPDATE member m SET recv_seq = greatest(m.recv_seq, l.seq)
  FROM locked l WHERE m.user_id = l.user_id AND m.conv_id = l.conv_id)"};

}  // namespace

Acks::Acks(loop::Loop& loop, Database& database, const conf::Settings& settings)
    : loop_(loop),
      db_(database),
      interval_(settings.ack_interval),
      limit_(static_cast<size_t>(settings.gates)) {}

size_t Acks::pending() const {
  return count_;
}

// Beyond the bound an ack is dropped: the message comes once more, and nothing is lost.
void Acks::note(int64_t user, int64_t conv, int64_t seq) {
  ByConversation& convs = by_user_[user];
  const auto [place, fresh] = convs.try_emplace(conv, seq);
  if (!fresh) {
    place->second = std::max(place->second, seq);
  } else if (count_ >= limit_) {
    convs.erase(place);
    if (convs.empty()) by_user_.erase(user);
  } else {
    ++count_;
  }
}

loop::Task<void> Acks::run() {
  for (;;) {
    co_await loop::sleep(loop_, interval_);
    [[maybe_unused]] auto result = co_await flush();  // not written: it stays, and is tried again
  }
}

loop::Task<base::Result<void>> Acks::flush() {
  while (count_ > 0) {
    std::vector<std::array<int64_t, 3>> taken;
    while (!by_user_.empty() && taken.size() < rows_at_once) {
      const auto user = by_user_.begin();
      for (const auto& [conv, seq] : user->second) taken.push_back({user->first, conv, seq});
      count_ -= user->second.size();
      by_user_.erase(user);
    }
    std::sort(taken.begin(), taken.end());
    std::vector<int64_t> users, convs, seqs;
    for (const auto& row : taken) {
      users.push_back(row[0]);
      convs.push_back(row[1]);
      seqs.push_back(row[2]);
    }
    pg::Params params;
    params.int8_array(users).int8_array(convs).int8_array(seqs);
    auto rows = co_await db_.query(write_acks, std::move(params));
    if (rows) continue;
    for (const auto& row : taken) note(row[0], row[1], row[2]);
    co_return rows.error();
  }
  co_return base::ok();
}

}  // namespace store
