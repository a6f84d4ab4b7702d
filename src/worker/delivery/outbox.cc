// See outbox.h. A session that is behind is read up by one coroutine in its own scope; while there is one,
// nothing is pushed to it.
#include "worker/delivery/outbox.h"

#include <algorithm>

#include "common/loop/wait.h"
#include "worker/delivery/event.h"

namespace delivery {
namespace {

using session::Backlog;
using session::Session;

constexpr loop::Millis store_pause(500);  // the store is away: ask again
constexpr loop::Millis room_check(1000);  // the sweep closes who is too slow; this only looks again

// A cid is its sender's: another user's message may have the same key.
bool is_sending(Session& session, int64_t conv, int64_t sender, const std::string& key) {
  return sender == session.identity()->user && session.backlog().is_own(conv, key);
}

}  // namespace

Outbox::Outbox(loop::Loop& loop, const conf::Settings& settings, store::Conversations& conversations,
               store::Messages& messages, ipc::Slot& slot)
    : loop_(loop), settings_(settings), conversations_(conversations), messages_(messages), slot_(slot) {}

void Outbox::deliver(const Live& message, const std::vector<Session*>& sessions) {
  for (Session* session : sessions) {
    const bool own =
        session->id() == message.session || is_sending(*session, message.conv, message.from, message.key);
    const bool falls_behind = !own && !session->backlog().behind() && session->clogged();
    if (falls_behind) session->backlog().fall_behind();
    const Backlog::Verdict verdict = session->backlog().offer(message.conv, message.seq, own);
    if (falls_behind) start_catch_up(*session);
    if (verdict == Backlog::Verdict::push) {
      session->write_message(message.conv, message.seq, message.event);
      slot_.add(ipc::Counter::messages_out);
    } else if (own && !session->backlog().behind()) {
      session->seen_own(message.conv, message.seq);
    }
  }
}

void Outbox::lag(Session& session, int64_t conv, int64_t from, int64_t last) {
  if (std::max(from, session.backlog().floor(conv)) >= last) return;
  session.backlog().wait(conv, from, last);
  if (session.backlog().behind()) return;
  session.backlog().fall_behind();
  start_catch_up(session);
}

// REQUIRES: the backlog has something noted; it would go live at once.
void Outbox::start_catch_up(Session& session) {
  slot_.add(ipc::Counter::catch_ups);
  session.scope().spawn(catch_up(session));
}

loop::Task<void> Outbox::catch_up_login(Session& session) {
  slot_.add(ipc::Counter::catch_ups);
  bool synced = false;
  while (!session.leaving()) {
    if (const auto stretch = session.backlog().next()) {
      const bool read = co_await read_stretch(session, *stretch);
      if (!read) co_await loop::sleep(loop_, store_pause);
    } else if (session.backlog().covered() != Backlog::everything) {
      const bool read = co_await read_waiting(session);
      if (!read) co_await loop::sleep(loop_, store_pause);
    } else {
      if (!synced) session.write(wire::synced_event());
      synced = true;
      if (session.backlog().go_live()) co_return session.settled().wake();
    }
  }
}

loop::Task<void> Outbox::catch_up(Session& session) {
  while (!session.leaving() && !session.backlog().go_live()) {
    co_await wait_for_room(session);
    const auto stretch = session.backlog().next();
    bool read = false;
    if (stretch)
      read = co_await read_stretch(session, *stretch);
    else
      read = co_await read_waiting(session);
    if (!read) co_await loop::sleep(loop_, store_pause);
  }
}

loop::Task<base::Result<void>> Outbox::freeze(Session& session, session::Identity identity) {
  const int64_t limit = settings_.dirty_conversations;
  const store::Reader reader = to_reader(identity);
  Backlog& backlog = session.backlog();
  backlog.fall_behind_from_store();
  int64_t after = 0;
  for (;;) {
    auto page = co_await conversations_.waiting(reader, after, limit);
    if (!page) co_return page.error();
    for (const store::Waiting& waiting : *page) {
      int64_t from = waiting.from;
      if (identity.backlog_limit >= 0) from = std::max(from, waiting.last - identity.backlog_limit);
      if (from > waiting.from) backlog.raise_floor(waiting.conv, from);
      backlog.wait(waiting.conv, from, waiting.last);
      after = waiting.conv;
    }
    if (static_cast<int64_t>(page->size()) < limit) co_return base::ok();
  }
}

// One page of the conversations in which something waits.
loop::Task<bool> Outbox::read_waiting(Session& session) {
  Backlog& backlog = session.backlog();
  const int64_t limit = settings_.dirty_conversations;
  const store::Reader reader = to_reader(*session.identity());
  auto page = co_await conversations_.waiting(reader, backlog.covered(), limit);
  if (!page) co_return false;
  for (const store::Waiting& waiting : *page) backlog.wait(waiting.conv, waiting.from, waiting.last);
  const bool all = static_cast<int64_t>(page->size()) < limit;
  backlog.cover(all ? Backlog::everything : page->back().conv);
  co_return true;
}

loop::Task<bool> Outbox::read_stretch(Session& session, Backlog::Stretch stretch) {
  co_await wait_for_room(session);
  auto page = co_await messages_.after(stretch.conv, stretch.after, settings_.backlog_page,
                                       settings_.output_limit, session.identity()->user);
  if (!page) co_return false;
  for (const store::Message& message : page->messages) {
    const bool own = is_sending(session, stretch.conv, message.sender, message.key);
    if (session.backlog().sending(stretch.conv, message.seq, own)) {
      session.write_message(stretch.conv, message.seq, to_event(message));
      slot_.add(ipc::Counter::messages_out);
    } else {
      session.seen_own(stretch.conv, message.seq);
    }
  }
  if (!page->more) session.backlog().exhausted(stretch);
  co_return true;
}

// Half the limit: a reader that takes a little at a time is served in gulps, not in sips.
loop::Task<void> Outbox::wait_for_room(Session& session) {
  while (!session.leaving() && !session.has_room())
    co_await session.stream().drained().wait(loop_, room_check);
  session.times.clogged = 0;  // it has drained, and will be filled again before the sweep can see it
}

}  // namespace delivery
