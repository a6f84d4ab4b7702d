// Connection: one libpq connection in pipeline mode on the loop. Owned by a Pool.
//
// Never blocks: it connects, flushes and reads by readiness. Several jobs may be in flight; answers come
// in order. When it breaks, every job in flight ends as `unknown` and the owner is told; it does not
// reconnect by itself: a Connection lives for one connection.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "common/loop/watch.h"
#include "worker/pg/job.h"

struct pg_conn;

namespace pg {

class Connection {
 public:
  enum class State : uint8_t { connecting, ready, broken };

  struct Events {
    std::function<void()> up;                            // connected: state() is ready
    std::function<void(const std::string& why)> down;    // broken: the owner frees it, not here but later
    std::function<void(std::shared_ptr<Job>)> finished;  // in the order they were sent
  };

  Connection(loop::Loop& loop, const std::string& conninfo, Events events);
  ~Connection();
  Connection(const Connection&) = delete;

  // Begins to connect. up() or down() follows; down() may come from within.
  void start() { connect_step(); }

  State state() const { return state_; }
  size_t in_flight() const { return jobs_.size(); }
  // The oldest job's deadline; INT64_MAX if there is none.
  int64_t deadline_ms() const;

  // REQUIRES: state() == ready. Takes the job; it comes back by finished().
  void send(std::shared_ptr<Job> job);
  // Gives up the connection: a hung server. Jobs in flight end as unknown.
  void abandon(const std::string& why);

 private:
  void connect_step();
  void watch_socket(bool read, bool write);
  void on_event();
  void flush();
  void read_results();
  void take(pg_result* result);
  bool enqueue(Job& job);
  void finish_front();
  void broken(const std::string& why);
  std::string error_text() const;

  loop::Loop& loop_;
  Events events_;
  std::unique_ptr<pg_conn, void (*)(pg_conn*)> conn_;
  std::optional<loop::Watch> readable_;
  std::optional<loop::Watch> writable_;
  int socket_ = -1;
  State state_ = State::connecting;
  std::deque<std::shared_ptr<Job>> jobs_;
  std::set<const Statement*> prepared_;
};

}  // namespace pg
