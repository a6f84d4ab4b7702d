// See resync.h.
#include "worker/delivery/resync.h"

#include <algorithm>

#include "common/base/log.h"
#include "common/loop/wait.h"

namespace delivery {
namespace {

// Two revocation rows may become visible in another order than their times; sessions are few, rows fewer.
constexpr int64_t revocation_window_ms = 30000;

}  // namespace

Resync::Resync(loop::Loop& loop, const conf::Settings& settings, session::Registry& registry,
               store::Users& users, store::Conversations& conversations, store::Memberships& memberships,
               bus::Bus& bus, Rooms& rooms, Router& router)
    : loop_(loop),
      settings_(settings),
      registry_(registry),
      users_(users),
      conversations_(conversations),
      bus_(bus),
      memberships_(memberships),
      rooms_(rooms),
      router_(router) {
  bus_.on_resync([this](const bus::Gap& gap) { on_gap(gap); });
  bus_.on_worker_lost([this](const bus::Lost& lost) { ask_for(lost.silent_ms); });
  bus_.on_envelope([this](const bus::Envelope& e, std::string_view event) { on_envelope(e, event); });
}

// A message is as old as its transaction's beginning, and tells of itself at its end.
void Resync::ask_for(int64_t age_ms) {
  window_ms_ = std::max(window_ms_, age_ms + 2 * settings_.postgres_timeout);
}

void Resync::on_gap(const bus::Gap& gap) {
  if (gap.deaf_ms) ask_for(*gap.deaf_ms);
  if (!gap.mute_ms) return;
  bus::Envelope missed;
  missed.kind = bus::Kind::missed;
  missed.origin = bus_.origin();
  missed.seq = *gap.mute_ms;  // of a `missed`, seq is the age
  bus_.announce(bus::encode(missed, {}));
}

void Resync::on_envelope(const bus::Envelope& envelope, std::string_view event) {
  if (envelope.kind == bus::Kind::missed)
    ask_for(envelope.seq);
  else
    router_.arrived(envelope, event);
}

loop::Task<void> Resync::run() {
  for (;;) {
    co_await loop::sleep(loop_, loop::Millis(settings_.poll_interval));
    if (registry_.size() == 0) {
      window_ms_ = 0;  // nobody here to miss anything
      continue;
    }
    co_await poll_revocations();
    if (!bus_.up()) ask_for(settings_.poll_interval);
    if (window_ms_ > 0) co_await poll_messages();
  }
}

loop::Task<void> Resync::poll_revocations() {
  auto found = co_await users_.revocations(revocation_window_ms);
  if (!found) co_return;
  for (const store::Revocation& revocation : *found) revoke(revocation, nullptr);
}

void Resync::revoke(const store::Revocation& revocation, const session::Session* but) {
  const std::vector<session::Session*> sessions = registry_.user(revocation.user_id);
  for (session::Session* session : sessions) {
    const session::Identity& identity = *session->identity();
    if (session == but || identity.since >= revocation.at) continue;
    if (!revocation.keep.empty() && identity.token_digest == revocation.keep) continue;
    session->ask_to_leave(wire::Reason::logged_out, std::nullopt);
  }
}

// Before the messages, which go to who is a member.
loop::Task<bool> Resync::poll_memberships(int64_t window_ms) {
  auto found = co_await memberships_.recent(window_ms);
  if (!found) co_return false;
  for (const store::Membership& change : *found) rooms_.apply(change);
  co_return true;
}

loop::Task<void> Resync::poll_messages() {
  const int64_t window = std::exchange(window_ms_, 0);
  const bool members = co_await poll_memberships(window);
  auto found = co_await conversations_.recent(window);
  if (!found || !members) {
    window_ms_ = std::max(window_ms_, window + settings_.poll_interval + settings_.postgres_timeout);
    co_return;
  }
  for (const store::Recent& recent : *found) router_.heard(recent);
}

}  // namespace delivery
