// See acks.h. Rows are locked in the order of their key, so that two workers never wait for each other.
#include "worker/store/acks.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace store {
namespace {

constexpr size_t rows_at_once = 500;     // a statement of some milliseconds, not of a second
constexpr loop::Millis read_gather(50);  // whoever is read waits for it, and people read in bursts

// Gives the rows whose read_seq has moved, and what others call the user and the conversation.
constexpr pg::Statement write_acks = {"write_acks", R"(
  WITH ack AS MATERIALIZED (
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) a(user_id, conv_id, recv, read)),
  locked AS MATERIALIZED (
    SELECT m.user_id, m.conv_id, greatest(m.recv_seq, a.recv) AS recv, greatest(m.read_seq, a.read) AS read,
           m.read_seq < a.read AS moved
    FROM member m JOIN ack a ON a.user_id = m.user_id AND a.conv_id = m.conv_id
    WHERE m.recv_seq < a.recv OR m.read_seq < a.read
    ORDER BY m.user_id, m.conv_id FOR NO KEY UPDATE OF m),
  written AS (
    UPDATE member m SET recv_seq = l.recv, read_seq = l.read
    FROM locked l WHERE m.user_id = l.user_id AND m.conv_id = l.conv_id)
  SELECT l.user_id, l.conv_id, l.read, u.name, coalesce(p.id, 0), coalesce('@' || p.name, '#' || g.name, ''),
         coalesce(g.members, 0)::bigint
  FROM locked l
  CROSS JOIN LATERAL (SELECT low, high FROM conversation WHERE id = l.conv_id LIMIT 1) c
  CROSS JOIN LATERAL (SELECT name FROM users WHERE id = l.user_id LIMIT 1) u
  LEFT JOIN LATERAL (SELECT id, name FROM users
                     WHERE id = CASE WHEN c.low = l.user_id THEN c.high ELSE c.low END LIMIT 1) p ON true
  LEFT JOIN LATERAL (SELECT name, members FROM groups WHERE conv_id = l.conv_id LIMIT 1) g ON true
  WHERE l.moved)"};

}  // namespace

Acks::Acks(loop::Loop& loop, Database& database, const conf::Settings& settings, OnRead on_read)
    : loop_(loop),
      db_(database),
      on_read_(std::move(on_read)),
      interval_(settings.ack_interval),
      limit_(static_cast<size_t>(settings.gates)) {}

size_t Acks::pending() const {
  return count_;
}

void Acks::note(int64_t user, int64_t conv, int64_t seq) {
  Mark mark;
  mark.received = seq;
  raise(user, conv, mark);
}

void Acks::note_read(int64_t user, int64_t conv, int64_t seq, uint64_t session) {
  Mark mark;
  mark.received = mark.read = seq;
  mark.session = session;
  raise(user, conv, mark);
  someone_read_ = true;
  read_noted_.wake();
}

// Beyond the bound an ack is dropped: the message comes once more, and nothing is lost.
void Acks::raise(int64_t user, int64_t conv, const Mark& mark) {
  ByConversation& convs = by_user_[user];
  const auto [place, fresh] = convs.try_emplace(conv);
  if (fresh && count_ >= limit_) {
    convs.erase(place);
    if (convs.empty()) by_user_.erase(user);
    return;
  }
  if (fresh) ++count_;
  Mark& known = place->second;
  known.received = std::max(known.received, mark.received);
  if (mark.read <= known.read) return;
  known.read = mark.read;
  known.session = mark.session;
}

loop::Task<void> Acks::run() {
  for (;;) {
    if (!someone_read_) co_await read_noted_.wait(loop_, interval_);
    if (someone_read_) co_await loop::sleep(loop_, read_gather);
    someone_read_ = false;
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
  std::sort(rows.begin(), rows.end(),
            [](const Row& a, const Row& b) { return std::tie(a.user, a.conv) < std::tie(b.user, b.conv); });
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
  for (; !done(); ++written) acks->raise(rows[written].user, rows[written].conv, rows[written].mark);
  acks->ended_.wake();
}

pg::Params Acks::Writing::next() const {
  std::array<std::vector<int64_t>, 4> columns;
  for (size_t i = written; i < std::min(written + rows_at_once, rows.size()); ++i) {
    const Row& row = rows[i];
    columns[0].push_back(row.user);
    columns[1].push_back(row.conv);
    columns[2].push_back(row.mark.received);
    columns[3].push_back(row.mark.read);
  }
  pg::Params params;
  for (const auto& column : columns) params.int8_array(column);
  return params;
}

uint64_t Acks::Writing::session(int64_t user, int64_t conv) const {
  const auto row =
      std::lower_bound(rows.begin(), rows.end(), std::pair(user, conv),
                       [](const Row& r, const auto& key) { return std::pair(r.user, r.conv) < key; });
  return row->mark.session;
}

void Acks::tell(const pg::Rows& moved, const Writing& writing) {
  for (int i = 0; i < moved.count(); ++i) {
    Read read;
    read.user = moved.int8(i, 0);
    read.conv = moved.int8(i, 1);
    read.seq = moved.int8(i, 2);
    read.session = writing.session(read.user, read.conv);
    read.name = moved.text(i, 3);
    read.peer = moved.int8(i, 4);
    read.to = moved.text(i, 5);
    read.members = moved.int8(i, 6);
    on_read_(read);
  }
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
    tell(*rows, mine);
  }
  while (writing_.next() != &mine) co_await ended_.wait(loop_, loop::look_again);
  if (failures_ != failures) co_return base::unavailable("the store does not take what was acknowledged");
  co_return base::ok();
}

}  // namespace store
