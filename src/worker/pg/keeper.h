// Keeper: keeps one connection to PostgreSQL alive. Owned by a Pool.
//
// It connects, greets (session settings, and the question whether the schema is ours), and after a loss
// tries again, at each place that the conninfo names in turn, with a pause that doubles up to a second. It
// logs the loss once and the return once.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/outage.h"
#include "worker/pg/connection.h"

namespace pg {

struct KeeperOptions {
  std::string conninfo;
  std::string purpose;     // for the log: "reads", "batch 1"
  int64_t timeout_ms = 0;  // to connect, and to answer the greeting: for each place
  const Statement* greeting = nullptr;
  std::function<bool(const Outcome&)> accept;  // given the greeting's outcome: whether to go on
};

class Keeper {
 public:
  struct Events {
    std::function<void()> ready;  // usable() has become true, or a place in flight is free again
    std::function<void(std::shared_ptr<Job>)> finished;
  };

  Keeper(loop::Loop& loop, const KeeperOptions& options, Events events);
  Keeper(const Keeper&) = delete;

  bool usable() const { return greeted_ && connection_->state() == Connection::State::ready; }
  size_t in_flight() const { return connection_ ? connection_->in_flight() : 0; }
  // REQUIRES: usable().
  void send(std::shared_ptr<Job> job) { connection_->send(std::move(job)); }
  // Gives the connection up if its oldest job should have been answered by now.
  void check_deadline(int64_t now_ms);

 private:
  void connect();
  void greet();
  void finished(std::shared_ptr<Job> job);
  void down(const std::string& why);
  void timeout();

  loop::Loop& loop_;
  const KeeperOptions& options_;
  const std::vector<std::string> places_;
  Events events_;
  loop::Timer timer_;  // the deadline while connecting and greeting; the pause while there is no connection
  std::unique_ptr<Connection> connection_;
  const Job* greeting_ = nullptr;
  bool greeted_ = false;
  base::Outage outage_;
  loop::Millis pause_;
  size_t failures_ = 0;  // in a row
  size_t place_ = 0;     // where it is, or is tried
};

}  // namespace pg
