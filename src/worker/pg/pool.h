// Pool: a few connections to PostgreSQL, the jobs that wait for one, and their deadlines.
//
// Owned by the worker. A connection whose oldest job passes its deadline is given up: the server hangs.
// What waits too long, or finds the queue full, ends as `refused`. A pool of one connection with one job
// in flight is a lane for ordered writes.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "worker/pg/keeper.h"

namespace pg {

struct PoolOptions {
  KeeperOptions keeper;
  int64_t connections = 1;
  size_t depth = 1;        // jobs in flight per connection
  size_t queue_limit = 0;  // jobs waiting for a connection
  // From execute() to the outcome: half of it to wait for a connection, half for the server, so that what
  // has waited long does not make a server look hung that has only just been asked.
  int64_t timeout_ms = 0;
};

class Pool {
 public:
  // co_await pool.execute(queries) → Outcome. The job is handed over when it is awaited.
  class Execute : private loop::Waiter {
   public:
    Execute(Pool& pool, std::vector<Query> queries);
    ~Execute();
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> h);
    Outcome await_resume() { return std::move(job_->outcome); }

   private:
    Pool& pool_;
    std::shared_ptr<Job> job_;
  };

  Pool(loop::Loop& loop, PoolOptions options);
  Pool(const Pool&) = delete;

  Execute execute(std::vector<Query> queries) { return Execute(*this, std::move(queries)); }
  Execute execute(const Statement& statement, Params params);

  bool up() const;  // at least one connection is usable

 private:
  void submit(std::shared_ptr<Job> job);
  void dispatch();
  Keeper* least_loaded();
  bool away(int64_t now_ms);
  void refuse(Job& job, const char* why);
  void finish(Job& job);
  void check_deadlines();

  loop::Loop& loop_;
  const PoolOptions options_;
  std::deque<std::shared_ptr<Job>> queue_;
  std::vector<std::unique_ptr<Keeper>> keepers_;
  int64_t last_up_ms_;
  loop::Timer tick_;
};

}  // namespace pg
