// Connection: one asynchronous connection to Redis that comes back by itself.
//
// Owned by Publisher or Subscriber, which alone see it. It is away (a timer tries again, with a jittered
// backoff of 100 ms to 1 s), connecting (until Redis has answered the probe, so that a stopped Redis,
// for which the kernel still accepts, never counts as up) or up. While up it must be made to talk more
// often than Options::timeout: silence for that long is taken for death. It never looks up a name, never
// blocks, and never calls anybody from inside its constructor or send().
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/outage.h"
#include "common/loop/loop.h"
#include "common/loop/watch.h"
#include "worker/redis/reply.h"

struct redisAsyncContext;

namespace redis {

struct Options {
  const char* purpose;   // for the log: "publishing"
  std::string address;   // "IP:PORT", "[IP6]:PORT" or "unix:/PATH"
  std::string password;  // empty: no AUTH
  loop::Millis timeout;  // until the first answer; and of silence, later
  size_t queue;          // bytes that wait to be written; what would be beyond is refused
  // What must be answered without an error before it is up: what the connection is for.
  std::vector<std::string> probe = {"PING"};
};

enum class State { away, connecting, up };

// Called once: with the answer, or with an empty Reply when the connection broke before it.
using Callback = std::function<void(const Reply&)>;

class Connection : private loop::Flush {
 public:
  // All are called from hiredis' callbacks: they resume no coroutine and destroy no connection.
  struct Events {
    std::function<void()> up;
    std::function<void()> down;               // only after up
    std::function<void(const Reply&)> reply;  // answers that no Callback waits for, and pushed messages
  };

  // Throws std::invalid_argument if the address is none.
  Connection(loop::Loop& loop, Options options, Events events);
  // REQUIRES: not inside one of its own callbacks. Callbacks that still wait are not called.
  ~Connection();
  Connection(const Connection&) = delete;

  // Queues a command in wire form (command.h); the loop writes all of a turn together. False: not up, or
  // the queue is full; nothing was queued, and the callback is never called.
  bool send(const std::string& command, Callback callback = {});
  // Gives the connection up and tries again; for an owner that knows it to be useless.
  void drop(const std::string& why);

  State state() const { return state_; }
  bool up() const { return state_ == State::up; }
  int64_t last_heard_ms() const { return last_heard_ms_; }  // base::mono_ms() of the last answer
  uint64_t refused() const { return refused_; }

 private:
  struct Hiredis;  // what hiredis calls
  struct Address {
    std::string host;  // or a path, where port is 0
    int port = 0;
  };
  static Address parse(const std::string& address);

  void flush() override;
  void on_timer();
  void connect();
  void handshake();
  void handshake_answer(const Reply& reply, bool last);
  void heard(const Reply& reply, uint64_t id);
  void lost(const std::string& why);
  bool write(const std::string& command, Callback callback);
  loop::Millis next_backoff();

  loop::Loop& loop_;
  const Options options_;
  const Address address_;
  const Events events_;
  State state_ = State::away;
  // Hiredis' own: it frees it when a connect fails or the connection breaks. We only forget it then; what
  // we give up ourselves (drop) is handed to redisAsyncFree with its `data` cleared, so that it is mute.
  redisAsyncContext* context_ = nullptr;
  loop::Timer timer_;  // away: try again; connecting: give up; up: look whether it is silent
  std::unordered_map<uint64_t, Callback> waiting_;
  uint64_t last_id_ = 0;
  uint64_t refused_ = 0;
  int64_t last_heard_ms_ = 0;
  base::Outage outage_;
  int attempts_ = 0;  // since it was up
  bool draining_ = false;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace redis
