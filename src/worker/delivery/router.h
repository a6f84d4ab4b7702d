// Router: takes every message that has been committed, here or elsewhere, through its gate to the sessions
// of its users on this worker, and tells the other workers of what was committed here.
//
// Owned by the worker; owns the gates. Runs after the commit only: nothing is announced that is not stored.
#pragma once

#include <memory>
#include <string_view>

#include "worker/bus/bus.h"
#include "worker/delivery/gates.h"
#include "worker/delivery/outbox.h"
#include "worker/delivery/rooms.h"
#include "worker/store/send.h"

namespace delivery {

class Router {
 public:
  Router(loop::Loop& loop, const conf::Settings& settings, session::Registry& registry,
         store::Conversations& conversations, store::Messages& messages, bus::Bus& bus, Rooms& rooms,
         Outbox& outbox, ipc::Slot& slot);

  // The batch has committed it: to the sessions here, and to the other workers.
  void committed(const store::Send& send, const store::Sent& sent);
  // Another worker has.
  void arrived(const bus::Envelope& envelope, std::string_view event);
  // The store says that the conversation has reached `seq`.
  void heard(const store::Recent& recent);
  // A change of membership was committed here: for the sessions here, and for the other workers. Ends when
  // the group's channel is confirmed and what was committed meanwhile is on its way.
  loop::Task<void> changed(store::Membership change);

  // Since when something was committed here that no other worker was told of, Redis being too slow to take
  // it; 0: there is nothing. Monotonic.
  int64_t unannounced_since() const { return unannounced_since_; }
  void announced() { unannounced_since_ = 0; }

  // The highest seq that is known here to exist; 0: nothing is known.
  int64_t known_head(int64_t conv);
  // The user's last session here is gone.
  void user_left(int64_t user) { gates_.user_left(user); }
  size_t gates() const { return gates_.size(); }

 private:
  void publish(bus::ChannelId channel, const std::string& bytes);
  void offer(const Live& message);
  void pass(const Gate& gate, const Live& message);
  void work(int64_t conv, Gate& gate);
  loop::Task<void> mend(int64_t conv, uint64_t number);
  loop::Task<bool> open(int64_t conv, uint64_t number);
  loop::Task<bool> fill(int64_t conv, uint64_t number);
  loop::Task<bool> catch_up_epoch(int64_t conv, uint64_t number);
  void drain(int64_t conv, Gate& gate);
  std::vector<session::Session*> sessions(int64_t conv, const Gate& gate) const;
  int64_t known_epoch(const Gate& gate, int64_t conv) const;
  void on_joined(const store::Membership& change);
  loop::Task<void> settle(int64_t conv);

  loop::Loop& loop_;
  const conf::Settings& settings_;
  session::Registry& registry_;
  store::Conversations& conversations_;
  store::Messages& messages_;
  bus::Bus& bus_;
  Rooms& rooms_;
  Outbox& outbox_;
  ipc::Slot& slot_;
  Gates gates_;
  uint64_t last_number_ = 0;
  int64_t unannounced_since_ = 0;
  loop::Scope scope_;
};

}  // namespace delivery
