// Outbox: hands a message to the sessions of its users on this worker, and catches up those that are
// behind. Owned by the router's owner; it decides for each session: write, note, or leave out.
#pragma once

#include "common/conf/settings.h"
#include "common/ipc/shared.h"
#include "worker/delivery/gate.h"
#include "worker/session/registry.h"
#include "worker/store/conversations.h"
#include "worker/store/messages.h"

namespace delivery {

// As the store is asked for a session's user.
inline store::Reader to_reader(const session::Identity& identity) {
  store::Reader reader;
  reader.user = identity.user;
  reader.since = identity.since;
  return reader;
}

class Outbox {
 public:
  Outbox(loop::Loop& loop, const conf::Settings& settings, store::Conversations& conversations,
         store::Messages& messages, ipc::Slot& slot);

  // A message has passed its gate.
  void deliver(const Live& message, const std::vector<session::Session*>& sessions);
  // What lies in (from, last] is to be read from the store for this session.
  void lag(session::Session& session, int64_t conv, int64_t from, int64_t last);

  // A login, first half: notes what waits for the user as it stands now, cut to what the client asked for.
  // Before the subscription, so that what another device acknowledges from here on is sent all the same.
  loop::Task<base::Result<void>> freeze(session::Session& session, session::Identity identity);
  // Second half, once subscribed: reads it all, says `synced`, and goes live. Runs in the session's scope.
  loop::Task<void> catch_up_login(session::Session& session);

 private:
  void start_catch_up(session::Session& session);
  loop::Task<void> catch_up(session::Session& session);
  loop::Task<bool> read_waiting(session::Session& session);
  loop::Task<bool> read_stretch(session::Session& session, session::Backlog::Stretch stretch);
  loop::Task<void> wait_for_room(session::Session& session);

  loop::Loop& loop_;
  const conf::Settings& settings_;
  store::Conversations& conversations_;
  store::Messages& messages_;
  ipc::Slot& slot_;
};

}  // namespace delivery
