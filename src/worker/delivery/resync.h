// Resync: what makes the bus's losses good. It asks the store what was committed lately, whenever the bus
// says that hints were lost, and every poll_interval while Redis is away, from here or from another worker;
// and it asks at every poll_interval whose sessions have been revoked, so that this needs no bus at all.
// While it is this worker that can't be heard it says so in the store.
//
// Owned by the worker. One question a turn whatever the number of sessions: its cost is that of the recent
// traffic.
#pragma once

#include <functional>
#include <set>

#include "worker/bus/bus.h"
#include "worker/delivery/router.h"
#include "worker/store/board.h"

namespace delivery {

class Resync {
 public:
  Resync(loop::Loop& loop, const conf::Settings& settings, session::Registry& registry, store::Board& board,
         store::Conversations& conversations, store::Memberships& memberships, bus::Bus& bus, Rooms& rooms,
         Router& router);

  // Until the worker ends.
  loop::Task<void> run();
  // Since when something that was committed here may have been told to nobody, monotonic; 0: it was not.
  int64_t mute_since() const;
  // A channel was not confirmed in time: the store is asked for a while, as if Redis were away.
  void doubt();
  // A change of membership was asked for here, and the store did not answer: it may be committed, or be yet.
  // The record of changes is read, here and by the others, for as long as the store may work on it.
  void in_doubt();
  // Another worker could not tell of messages that are as old as the envelope says.
  void missed(const bus::Envelope& envelope) { ask_for(envelope.seq); }
  // The bus is up again; a worker fell silent without a goodbye.
  void on_gap(const bus::Gap& gap);
  void on_worker_lost(const bus::Lost& lost) { ask_for(lost.silent_ms); }
  // Ends the sessions here that a revocation means, but `but`.
  void revoke(const store::Revocation& revocation, const session::Session* but);

 private:
  void ask_for(int64_t age_ms);
  void announce_missed(int64_t age_ms);
  int64_t untold_since(int64_t now) const;
  loop::Task<void> tell();
  loop::Task<void> look();
  void follow(const std::vector<store::Mute>& mute, int64_t unasked_ms);
  loop::Task<void> poll_messages();
  loop::Task<bool> poll_memberships(int64_t window_ms);

  loop::Loop& loop_;
  const conf::Settings& settings_;
  session::Registry& registry_;
  store::Board& board_;
  store::Conversations& conversations_;
  bus::Bus& bus_;
  store::Memberships& memberships_;
  Rooms& rooms_;
  Router& router_;
  int64_t window_ms_ = 0;  // to be asked for at the next turn; 0: nothing
  // Times by the monotonic clock.
  int64_t doubt_until_ = 0;
  int64_t in_doubt_since_ = 0;
  int64_t in_doubt_until_ = 0;
  int64_t alone_at_;             // when nobody was here: who is here now has come since
  int64_t looked_at_ = 0;        // when the board was last read
  std::set<uint64_t> followed_;  // the workers that were mute then
  bool said_mute_ = false;       // our own lease is on the board, or may be
};

}  // namespace delivery
