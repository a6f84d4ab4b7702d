// Acceptor: a worker's side of the listening sockets. It watches them while it holds the accept mutex
// (without one: always), accepts a few connections a turn and gives each to one registered function.
//
// Owned by the worker; owns its copies of the listening descriptors and the slot's count of live
// connections. It stays away while the worker is full or out of descriptors, and never spins then.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <list>
#include <span>

#include "common/base/fd.h"
#include "common/ipc/accept_mutex.h"
#include "common/ipc/socket.h"
#include "common/loop/watch.h"

namespace net {

struct Accepted {
  base::Fd fd;  // non-blocking, close-on-exec
  sockaddr_storage peer{};
  socklen_t peer_size = 0;
  bool proxy = false;
  bool websocket = false;
};

class Acceptor final : private loop::Flush {
 public:
  using OnAccept = std::function<void(Accepted)>;
  struct Options {
    bool mutex = true;
    int64_t worker_connections = 0;
  };
  static constexpr int accepts_a_wake = 16;
  static constexpr loop::Millis pause{100};  // after EMFILE and its like
  static constexpr loop::Millis retry{200};  // how often a free mutex is looked for, should a call be lost

  // Takes the listeners' descriptors over. on_accept must not destroy the acceptor.
  Acceptor(loop::Loop& loop, ipc::Shared& shared, int slot, std::span<const ipc::Socket> listeners,
           Options options, OnAccept on_accept);
  // REQUIRES: stop() was a turn ago, or the loop turns no more.
  ~Acceptor() = default;

  void start();  // the slot is ready from here on
  // For a graceful exit: gives the mutex away, closes the listeners in the next turn; the slot is draining.
  // For good.
  void stop();
  // One call for each connection that was given to on_accept.
  void connection_closed();
  int64_t live() const { return live_; }

 private:
  struct Listener {
    Listener(Acceptor& owner, const ipc::Socket& socket);
    Acceptor& owner;
    base::Fd fd;
    bool proxy;
    bool websocket;
    loop::Watch watch;
  };

  void flush() override;
  bool willing() const { return running_ && !pausing_.started() && live_ < options_.worker_connections; }
  void update();
  void watch(bool on);
  bool step_aside();
  void readable(Listener& listener);
  bool accept_one(Listener& listener);
  void exhausted(int error);
  void set_live(int64_t live);
  void tick();

  loop::Loop& loop_;
  ipc::Slot& slot_;
  Options options_;
  OnAccept on_accept_;
  ipc::AcceptMutex mutex_;
  std::list<Listener> listeners_;
  loop::Watch called_;
  loop::Timer pausing_;
  loop::Timer ticking_;
  loop::Timer closing_;
  int64_t live_ = 0;
  int64_t complained_ = 0;  // when the last line about descriptors was written
  bool running_ = false;
  bool rested_ = true;  // false: this turn's accepts are used up
};

}  // namespace net
