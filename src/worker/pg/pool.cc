// See pool.h.
#include "worker/pg/pool.h"

#include <algorithm>

#include "common/base/clock.h"

namespace pg {
namespace {

constexpr loop::Millis deadline_tick(100);  // how late a deadline may be noticed

}  // namespace

Pool::Execute::Execute(Pool& pool, std::vector<Query> queries) : pool_(pool), job_(std::make_shared<Job>()) {
  job_->queries = std::move(queries);
}

Pool::Execute::~Execute() {
  job_->waiter = nullptr;
}

void Pool::Execute::await_suspend(std::coroutine_handle<> h) {
  handle = h;
  job_->waiter = this;
  pool_.submit(job_);
}

Pool::Pool(loop::Loop& loop, PoolOptions options)
    : loop_(loop),
      options_(std::move(options)),
      last_up_ms_(base::mono_ms()),
      tick_(
          loop, [](void* self) { static_cast<Pool*>(self)->check_deadlines(); }, this) {
  for (int64_t i = 0; i < options_.connections; ++i) {
    Keeper::Events events;
    events.ready = [this] { dispatch(); };
    events.finished = [this](std::shared_ptr<Job> job) { finish(*job); };
    keepers_.push_back(std::make_unique<Keeper>(loop, options_.keeper, std::move(events)));
  }
  tick_.start(deadline_tick);
}

Pool::Execute Pool::execute(const Statement& statement, Params params) {
  std::vector<Query> queries;
  queries.push_back(Query{&statement, std::move(params)});
  return execute(std::move(queries));
}

bool Pool::up() const {
  return std::any_of(keepers_.begin(), keepers_.end(), [](const auto& keeper) { return keeper->usable(); });
}

void Pool::submit(std::shared_ptr<Job> job) {
  const int64_t now = base::mono_ms();
  job->deadline_ms = now + options_.timeout_ms / 2;
  if (queue_.size() >= options_.queue_limit) return refuse(*job, "too many queries wait");
  if (away(now)) return refuse(*job, "no connection");
  queue_.push_back(std::move(job));
  dispatch();
}

void Pool::dispatch() {
  while (!queue_.empty()) {
    Keeper* keeper = least_loaded();
    if (keeper == nullptr) return;
    std::shared_ptr<Job> job = std::move(queue_.front());
    queue_.pop_front();
    if (job->waiter == nullptr) continue;  // nobody waits any more: not sent
    job->deadline_ms = base::mono_ms() + options_.timeout_ms / 2;
    keeper->send(std::move(job));
  }
}

Keeper* Pool::least_loaded() {
  Keeper* best = nullptr;
  for (const auto& keeper : keepers_) {
    if (!keeper->usable() || keeper->in_flight() >= options_.depth) continue;
    if (best == nullptr || keeper->in_flight() < best->in_flight()) best = keeper.get();
  }
  return best;
}

// For as long as a job may wait there was no connection: the next ones don't wait again. A client's many
// requests, each with a query of its own, would otherwise be refused one after the other, for minutes.
bool Pool::away(int64_t now_ms) {
  if (up()) last_up_ms_ = now_ms;
  return now_ms - last_up_ms_ >= options_.timeout_ms / 2;
}

void Pool::refuse(Job& job, const char* why) {
  job.outcome.detail = why;
  finish(job);
}

void Pool::finish(Job& job) {
  job.finished = true;
  if (job.waiter != nullptr) loop_.ready(*job.waiter);
}

// All jobs have the same time, so the queue is in the order of their deadlines.
void Pool::check_deadlines() {
  const int64_t now = base::mono_ms();
  away(now);
  for (const auto& keeper : keepers_) keeper->check_deadline(now);
  while (!queue_.empty() && queue_.front()->deadline_ms <= now) {
    refuse(*queue_.front(), "no connection in time");
    queue_.pop_front();
  }
  tick_.start(deadline_tick);
}

}  // namespace pg
