// Batch: commits messages, many in one transaction, in order within each conversation. Owned by the worker.
//
// A conversation always takes the same lane. A lane commits one batch at a time; while it does, the next
// one fills: no timer, and one fsync for many messages. A batch whose outcome is in doubt is run again with
// the same keys until its fate is known, so nothing is stored twice and nothing is reported lost that is
// not. Whoever waits is answered in time all the same. Tells on_committed of each batch, once, before the
// waiters go on; on_committed must not block or throw.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "common/conf/settings.h"
#include "common/loop/scope.h"
#include "common/loop/wait.h"
#include "worker/store/database.h"
#include "worker/store/send.h"

namespace store {

class Batch {
 public:
  using Committed = std::function<void(const Send&, const Sent&)>;

  Batch(loop::Loop& loop, Database& database, const conf::Settings& settings, Committed on_committed);

  // Takes its place behind the earlier ones of its conversation. `unavailable` at once if the queue is full.
  std::shared_ptr<PendingSend> add(Send send);

  // co_await Batch::Answer(pending) → Result<Sent>
  class Answer : private loop::Waiter {
   public:
    explicit Answer(std::shared_ptr<PendingSend> pending) : pending_(std::move(pending)) {}
    ~Answer() { pending_->waiter = nullptr; }
    bool await_ready() const noexcept { return pending_->answered; }
    void await_suspend(std::coroutine_handle<> h) noexcept {
      handle = h;
      pending_->waiter = this;
    }
    base::Result<Sent> await_resume() { return pending_->result; }

   private:
    std::shared_ptr<PendingSend> pending_;
  };

  size_t waiting() const { return waiting_; }
  // Nothing waits and nothing is in flight: a worker may leave.
  bool idle() const;

 private:
  using Pending = std::vector<std::shared_ptr<PendingSend>>;
  struct Lane {
    std::deque<std::shared_ptr<PendingSend>> queue{};
    Pending running{};
    bool sent = false;  // to the server, which has not answered
    loop::Signal filled{};
  };

  loop::Task<void> run(size_t lane);
  loop::Task<void> commit(size_t lane, Pending batch);
  Pending take(Lane& lane);
  void settle(const pg::Rows& rows, const Pending& batch);
  void committed(PendingSend& pending, const Sent& sent);
  void answer(PendingSend& pending, base::Result<Sent> result);
  void expire();

  loop::Loop& loop_;
  Database& db_;
  const conf::Settings& settings_;
  Committed on_committed_;
  size_t waiting_ = 0;
  std::vector<std::unique_ptr<Lane>> lanes_;
  loop::Timer tick_;
  loop::Scope scope_;
};

}  // namespace store
