// See acks.h. Rows are locked in the order of their key, so that two workers never wait for each other.
#include "worker/store/acks.h"

#include <algorithm>
#include <array>

namespace store {
namespace {

constexpr size_t rows_at_once = 500;  // a statement of some milliseconds, not of a second
constexpr loop::Millis look_again(1000);

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

std::vector<Acks::Row> Acks::take() {
  std::vector<Row> rows;
  rows.reserve(count_);
  for (const auto& user : by_user_)
    for (const auto& conv : user.second) rows.push_back({user.first, conv.first, conv.second});
  by_user_.clear();
  count_ = 0;
  std::sort(rows.begin(), rows.end());
  return rows;
}

Acks::~Acks() {
  while (writing_.linked()) {
    auto& writing = static_cast<Writing&>(*writing_.next());
    writing.acks = nullptr;
    writing.unlink();
  }
}

Acks::Writing::Writing(Acks& acks) : acks(&acks), rows(acks.take()) {
  insert_before(acks.writing_);
}

Acks::Writing::~Writing() {
  if (acks == nullptr) return;
  for (; !done(); ++written) acks->note(rows[written][0], rows[written][1], rows[written][2]);
  acks->ended_.wake();
}

pg::Params Acks::Writing::next() const {
  std::array<std::vector<int64_t>, 3> columns;
  for (size_t i = written; i < std::min(written + rows_at_once, rows.size()); ++i)
    for (size_t column = 0; column < 3; ++column) columns[column].push_back(rows[i][column]);
  pg::Params params;
  for (const auto& column : columns) params.int8_array(column);
  return params;
}

// Who asks may have noted what an earlier flush is still writing.
loop::Task<base::Result<void>> Acks::flush() {
  const uint64_t failures = failures_;
  Writing mine(*this);
  while (!mine.done()) {
    pg::Params params = mine.next();
    auto rows = co_await db_.query(write_acks, std::move(params));
    if (!rows) {
      ++failures_;
      co_return rows.error();
    }
    mine.written += rows_at_once;
  }
  while (writing_.next() != &mine) co_await ended_.wait(loop_, look_again);
  if (failures_ != failures) co_return base::unavailable("the store does not take what was acknowledged");
  co_return base::ok();
}

}  // namespace store
