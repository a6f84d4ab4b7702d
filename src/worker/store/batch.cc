// See batch.h. The statements were measured against several others: the LIMIT in each LATERAL keeps a plan
// that was made on an empty table from scanning a full one.
#include "worker/store/batch.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "worker/store/refusals.h"

namespace store {
namespace {

constexpr loop::Millis deadline_tick(100), first_pause(50), last_pause(1000), idle_wait(60000);

// In the order of ids, so that two batches never wait for each other in a ring; and a statement of its
// own, so that the next one's snapshot is younger than the locks.
constexpr pg::Statement lock_conversations = {"lock_conversations", R"(
  SELECT count(*) FROM (
    SELECT 1 FROM conversation WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE) x)"};

// Duplicates first, for they are answered even where sending is no longer allowed; then the right to send;
// then numbers without gaps, and the rows.
constexpr pg::Statement insert_messages = {"insert_messages", R"(
  WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS at),
  q AS MATERIALIZED (
    SELECT t.*, m.seq AS old_seq, m.created AS old_created, c.epoch, a.ok IS NOT NULL AS allowed,
           c.last_seq + count(*) FILTER (WHERE m.seq IS NULL AND a.ok IS NOT NULL)
                        OVER (PARTITION BY t.conv ORDER BY t.ord) AS new_seq
    FROM unnest($1::bigint[], $2::bigint[], $3::uuid[], $4::text[], $5::text[])
         WITH ORDINALITY t(conv, sender, key, cid, body, ord)
    LEFT JOIN LATERAL (SELECT last_seq, epoch, blocked FROM conversation WHERE id = t.conv LIMIT 1) c ON true
    LEFT JOIN LATERAL (SELECT seq, created FROM message
                       WHERE conv_id = t.conv AND sender_id = t.sender AND key = t.key LIMIT 1) m ON true
    LEFT JOIN LATERAL (SELECT 1 AS ok FROM member
                       WHERE user_id = t.sender AND conv_id = t.conv AND NOT c.blocked LIMIT 1) a ON true),
  i AS (
    INSERT INTO message (conv_id, seq, sender_id, key, cid, body, created)
    SELECT conv, new_seq, sender, key, cid, body, at FROM q, clock WHERE old_seq IS NULL AND allowed),
  u AS (
    UPDATE conversation c SET last_seq = x.seq
    FROM (SELECT conv, max(new_seq) AS seq FROM q WHERE old_seq IS NULL AND allowed GROUP BY conv) x
    WHERE c.id = x.conv)
  SELECT coalesce(old_seq, new_seq, 0), coalesce(old_created, at), old_seq IS NOT NULL,
         allowed, coalesce(epoch, 0)
  FROM q, clock ORDER BY ord)"};

// The same message twice in one batch: the second is answered by what becomes of the first.
using Identity = std::tuple<int64_t, int64_t, std::string_view>;
Identity identity(const PendingSend& p) {
  return {p.send.conv, p.send.sender, p.send.key};
}

std::vector<pg::Query> to_queries(const std::vector<std::shared_ptr<PendingSend>>& batch) {
  std::vector<int64_t> convs, senders;
  std::vector<std::string_view> keys, cids, bodies;
  for (const auto& p : batch) {
    convs.push_back(p->send.conv);
    senders.push_back(p->send.sender);
    keys.push_back(p->send.key);
    cids.push_back(p->send.cid);
    bodies.push_back(p->send.text);
  }
  std::vector<int64_t> distinct = convs;
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  std::vector<pg::Query> queries(2);
  queries[0].statement = &lock_conversations;
  queries[0].params.int8_array(distinct);
  queries[1].statement = &insert_messages;
  queries[1].params.int8_array(convs).int8_array(senders).uuid_array(keys);
  queries[1].params.text_array_or_null(cids).text_array(bodies);
  return queries;
}

}  // namespace

Batch::Batch(loop::Loop& loop, Database& database, const conf::Settings& settings, Committed on_committed)
    : loop_(loop),
      db_(database),
      settings_(settings),
      on_committed_(std::move(on_committed)),
      tick_(
          loop, [](void* self) { static_cast<Batch*>(self)->expire(); }, this),
      scope_(loop, [](std::exception_ptr) { std::terminate(); }) {
  for (size_t i = 0; i < db_.lanes().size(); ++i) lanes_.push_back(std::make_unique<Lane>());
  for (size_t i = 0; i < lanes_.size(); ++i) scope_.spawn(run(i));
  tick_.start(deadline_tick);
}

bool Batch::idle() const {
  return waiting_ == 0 &&
         std::all_of(lanes_.begin(), lanes_.end(), [](const auto& lane) { return lane->running.empty(); });
}

std::shared_ptr<PendingSend> Batch::add(Send send) {
  auto pending = std::make_shared<PendingSend>();
  pending->send = std::move(send);
  pending->deadline_ms = base::mono_ms() + settings_.postgres_timeout;
  if (waiting_ >= static_cast<size_t>(settings_.batch_queue)) {
    answer(*pending, base::unavailable("too many messages wait for the store"));
    return pending;
  }
  // Fibonacci hashing: neighbouring ids spread over the lanes.
  const uint64_t spread = static_cast<uint64_t>(pending->send.conv) * 0x9E3779B97F4A7C15ULL >> 32;
  Lane& lane = *lanes_[spread % lanes_.size()];
  lane.queue.push_back(pending);
  ++waiting_;
  lane.filled.wake();
  return pending;
}

loop::Task<void> Batch::run(size_t number) {
  Lane& lane = *lanes_[number];
  for (;;) {
    while (lane.queue.empty()) co_await lane.filled.wait(loop_, idle_wait);
    lane.running = take(lane);
    Pending batch = lane.running;
    co_await commit(number, std::move(batch));
    lane.running.clear();
  }
}

// As much as a batch may hold, each message once: a repeat shares the fate of the first.
Batch::Pending Batch::take(Lane& lane) {
  Pending batch;
  size_t bytes = 0;
  std::map<Identity, PendingSend*> seen;
  while (!lane.queue.empty() && batch.size() < static_cast<size_t>(settings_.batch_messages)) {
    const auto next = lane.queue.front();
    bytes += next->bytes();
    if (!batch.empty() && bytes > static_cast<size_t>(settings_.batch_bytes)) break;
    lane.queue.pop_front();
    --waiting_;
    const auto [first, fresh] = seen.emplace(identity(*next), next.get());
    if (fresh)
      batch.push_back(next);
    else
      first->second->followers.push_back(next);
  }
  return batch;
}

// Runs until the fate of every message is known. One that the server refuses as such is found by halving. It
// is handed over only when it can be sent at once: what waited for a connection might be sent after its
// client was told that nothing is kept.
loop::Task<void> Batch::commit(size_t lane, Pending batch) {
  pg::Pool& pool = *db_.lanes()[lane];
  loop::Millis pause = first_pause;
  for (;;) {
    std::erase_if(batch, [](const auto& p) { return p->answered && !p->in_doubt; });
    if (batch.empty()) co_return;
    if (!pool.up()) {
      co_await loop::sleep(loop_, first_pause);
      continue;
    }
    lanes_[lane]->sent = true;
    pg::Outcome outcome = co_await pool.execute(to_queries(batch));
    lanes_[lane]->sent = false;
    if (outcome.fate == pg::Fate::done) co_return settle(outcome.rows[1], batch);
    if (outcome.fate == pg::Fate::unknown)
      for (const auto& pending : batch) pending->in_doubt = true;
    if (!outcome.transient()) {
      const bool found = batch.size() == 1;
      base::log(found ? base::Level::error : base::Level::info, "store: a batch of %zu was refused: %s %s",
                batch.size(), outcome.sqlstate.c_str(), base::escaped(outcome.detail).c_str());
      if (found) co_return answer(*batch[0], outcome.error());
      const auto middle = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
      Pending first(batch.begin(), middle), second(middle, batch.end());
      co_await commit(lane, std::move(first));
      co_await commit(lane, std::move(second));
      co_return;
    }
    co_await loop::sleep(loop_, pause);
    pause = std::min(pause * 2, last_pause);
  }
}

void Batch::settle(const pg::Rows& rows, const Pending& batch) {
  for (size_t i = 0; i < batch.size(); ++i) {
    const int row = static_cast<int>(i);
    if (!rows.boolean(row, 2) && !rows.boolean(row, 3)) {
      answer(*batch[i], not_allowed(batch[i]->send));
      continue;
    }
    Sent sent;
    sent.seq = rows.int8(row, 0);
    sent.ts = rows.millis(row, 1);
    sent.duplicate = rows.boolean(row, 2);
    sent.epoch = rows.int8(row, 4);
    committed(*batch[i], sent);
  }
}

// The waiter may have been told `maybe`, or be gone: the message is announced all the same.
void Batch::committed(PendingSend& pending, const Sent& sent) {
  answer(pending, sent);
  on_committed_(pending.send, sent);
}

void Batch::answer(PendingSend& pending, base::Result<Sent> result) {
  if (pending.answered) return;
  pending.result = std::move(result);
  pending.answered = true;
  if (pending.waiter != nullptr) loop_.ready(*pending.waiter);
  for (const auto& follower : std::exchange(pending.followers, {})) {
    base::Result<Sent> shared = pending.result;
    if (shared) shared->duplicate = true;
    answer(*follower, std::move(shared));
  }
}

// Clients are answered in time. What never left is dropped; where the outcome is open it stays in its batch.
void Batch::expire() {
  const int64_t now = base::mono_ms();
  for (const auto& lane : lanes_) {
    while (!lane->queue.empty() && lane->queue.front()->deadline_ms <= now) {
      answer(*lane->queue.front(), base::unavailable("the store does not answer"));
      lane->queue.pop_front();
      --waiting_;
    }
    for (const auto& pending : lane->running) {
      if (pending->deadline_ms > now) continue;
      base::Error error = base::unavailable("the store has not answered yet");
      error.maybe = pending->in_doubt || lane->sent;
      answer(*pending, std::move(error));
    }
  }
  tick_.start(deadline_tick);
}

}  // namespace store
