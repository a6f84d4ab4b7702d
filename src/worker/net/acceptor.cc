// See acceptor.h. update() alone decides whether the listeners are watched; all else changes what it
// looks at and calls it.
#include "worker/net/acceptor.h"

#include <cerrno>
#include <cstring>

#include "common/base/clock.h"
#include "common/base/log.h"

namespace net {
namespace {

constexpr int first = 0;  // the loop's priority of accepting
constexpr int64_t complain_every_ms = 60000;

// accept(2) hands on what befell a connection in the queue: that one is lost, the next may do.
bool is_of_one_connection(int error) {
  return error == EINTR || error == ECONNABORTED || error == EPROTO || error == ENETDOWN ||
         error == ENOPROTOOPT || error == EHOSTDOWN || error == ENONET || error == EHOSTUNREACH ||
         error == EOPNOTSUPP || error == ENETUNREACH || error == EPERM;
}

}  // namespace

Acceptor::Listener::Listener(Acceptor& acceptor, const ipc::Socket& socket)
    : owner(acceptor),
      fd(socket.fd),
      proxy(socket.proxy),
      websocket(socket.websocket),
      watch(
          acceptor.loop_, socket.fd, loop::readable,
          [](void* arg) {
            auto* self = static_cast<Listener*>(arg);
            self->owner.readable(*self);
          },
          this, first) {}

Acceptor::Acceptor(loop::Loop& loop, ipc::Shared& shared, int slot, std::span<const ipc::Socket> listeners,
                   Options options, OnAccept on_accept)
    : loop_(loop),
      slot_(shared.slot(slot)),
      options_(options),
      on_accept_(std::move(on_accept)),
      mutex_(shared, slot),
      called_(
          loop, shared.wake_fd(slot), loop::readable,
          [](void* arg) {
            auto* self = static_cast<Acceptor*>(arg);
            self->mutex_.heard();
            self->update();
          },
          this, first),
      pausing_(
          loop, [](void* arg) { static_cast<Acceptor*>(arg)->update(); }, this),
      ticking_(
          loop, [](void* arg) { static_cast<Acceptor*>(arg)->tick(); }, this),
      closing_(
          loop, [](void* arg) { static_cast<Acceptor*>(arg)->listeners_.clear(); }, this) {
  for (const ipc::Socket& socket : listeners) listeners_.emplace_back(*this, socket);
}

void Acceptor::start() {
  running_ = true;
  slot_.state.store(ipc::State::ready, std::memory_order_relaxed);
  if (options_.mutex) called_.start();
  tick();
}

// The listeners are closed only after the loop has waited once more. Other processes have the same sockets:
// epoll would go on reporting one whose descriptor was closed here before it was taken out of the set.
void Acceptor::stop() {
  running_ = false;
  slot_.state.store(ipc::State::draining, std::memory_order_relaxed);
  ticking_.stop();
  pausing_.stop();
  called_.stop();
  unlink();
  update();
  closing_.start(loop::Millis(0));
}

void Acceptor::tick() {
  update();
  if (options_.mutex) ticking_.start(retry);
}

void Acceptor::flush() {
  rested_ = true;
  update();
}

void Acceptor::update() {
  if (!willing()) {
    watch(false);
    mutex_.give_up(base::mono_ms());
    return;
  }
  watch((!options_.mutex || mutex_.try_take()) && rested_);
}

void Acceptor::watch(bool on) {
  for (Listener& listener : listeners_) on ? listener.watch.start() : listener.watch.stop();
}

// True if another worker has far fewer connections, and has been handed the mutex.
bool Acceptor::step_aside() {
  if (!options_.mutex) return false;
  const auto next = mutex_.successor(base::mono_ms());
  if (!next) return false;
  watch(false);
  mutex_.hand_to(*next);
  return true;
}

void Acceptor::readable(Listener& listener) {
  if (!listener.watch.started() || step_aside()) return;
  int accepted = 0;
  while (accepted < accepts_a_wake && willing() && accept_one(listener)) ++accepted;
  if (!willing()) return update();
  if (step_aside() || accepted < accepts_a_wake) return;
  // A priority of its own would let a flood starve all the others: they get this turn's rest.
  rested_ = false;
  watch(false);
  loop_.at_turn_end(*this);
}

// True if there may be more in the queue.
bool Acceptor::accept_one(Listener& listener) {
  Accepted accepted;
  socklen_t size = sizeof accepted.peer;
  accepted.fd.reset(accept4(listener.fd.get(), reinterpret_cast<sockaddr*>(&accepted.peer), &size,
                            SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!accepted.fd) {
    if (is_of_one_connection(errno)) return true;
    if (errno != EAGAIN) exhausted(errno);
    return false;
  }
  accepted.peer_size = size;
  accepted.proxy = listener.proxy;
  accepted.websocket = listener.websocket;
  set_live(live_ + 1);
  slot_.add(ipc::Counter::accepted);
  on_accept_(std::move(accepted));
  return true;
}

// The connection stays in the queue and the listener readable: watched, it would spin.
void Acceptor::exhausted(int error) {
  const int64_t now = base::mono_ms();
  if (complained_ == 0 || now - complained_ >= complain_every_ms) {
    base::log(base::Level::crit, "can't accept: %s; trying again every %d ms", strerror(error),
              static_cast<int>(pause.count()));
    complained_ = now;
  }
  pausing_.start(pause);
}

void Acceptor::connection_closed() {
  const bool was_full = live_ >= options_.worker_connections;
  set_live(live_ - 1);
  slot_.add(ipc::Counter::closed);
  if (was_full) update();
}

void Acceptor::set_live(int64_t live) {
  live_ = live;
  slot_.live.store(live, std::memory_order_relaxed);
}

}  // namespace net
