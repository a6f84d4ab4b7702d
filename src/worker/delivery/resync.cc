// See resync.h.
#include "worker/delivery/resync.h"

#include <algorithm>

#include "common/base/clock.h"
#include "common/loop/wait.h"

namespace delivery {
namespace {

// How much longer than since the last answer revocations are asked for: rows may become visible in another
// order than their times. Asking twice for the same is harmless.
constexpr int64_t revocation_slack_ms = 30000;
constexpr int64_t doubt_ms = 10000;  // a late confirmation comes within this, or the connection is dropped

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
      router_(router) {}

// A message is as old as its transaction's beginning, and tells of itself at its end.
void Resync::ask_for(int64_t age_ms) {
  window_ms_ = std::max(window_ms_, age_ms + 2 * settings_.postgres_timeout);
}

void Resync::on_gap(const bus::Gap& gap) {
  if (gap.deaf_ms) ask_for(*gap.deaf_ms);
  if (gap.mute_ms) announce_missed(*gap.mute_ms);
}

void Resync::announce_missed(int64_t age_ms) {
  bus::Envelope missed;
  missed.kind = bus::Kind::missed;
  missed.origin = bus_.origin();
  missed.seq = age_ms;  // of a `missed`, seq is the age
  if (bus_.announce(bus::encode(missed, {}))) router_.announced();
}

void Resync::doubt() {
  doubt_until_ = base::mono_ms() + doubt_ms;
}

// The server ends a statement before we give it up; what is being committed meanwhile takes the disk's time.
void Resync::in_doubt() {
  const int64_t now = base::mono_ms();
  if (now >= in_doubt_until_) in_doubt_since_ = now;
  in_doubt_until_ = now + doubt_ms;
}

// What other workers may not have heard of; 0: nothing.
int64_t Resync::untold_since(int64_t now) const {
  const int64_t message = router_.unannounced_since();
  if (now >= in_doubt_until_) return message;
  return message == 0 ? in_doubt_since_ : std::min(message, in_doubt_since_);
}

loop::Task<void> Resync::run() {
  for (;;) {
    co_await loop::sleep(loop_, loop::Millis(settings_.poll_interval));
    const int64_t now = base::mono_ms();
    if (const int64_t since = untold_since(now); since != 0 && bus_.up()) announce_missed(now - since);
    if (now < in_doubt_until_) ask_for(now - in_doubt_since_);
    if (registry_.size() == 0) {
      window_ms_ = 0;  // nobody here to miss anything
      continue;
    }
    co_await poll_revocations();
    if (!bus_.up() || now < doubt_until_) ask_for(settings_.poll_interval);
    if (window_ms_ > 0) co_await poll_messages();
  }
}

loop::Task<void> Resync::poll_revocations() {
  const int64_t now = base::mono_ms();
  const int64_t unasked = revocations_at_ == 0 ? 0 : now - revocations_at_;
  auto found = co_await users_.revocations(unasked + revocation_slack_ms);
  if (!found) co_return;
  revocations_at_ = now;
  for (const store::Revocation& revocation : *found) revoke(revocation, nullptr);
}

void Resync::revoke(const store::Revocation& revocation, const session::Session* but) {
  const std::vector<session::Session*> sessions = registry_.user(revocation.user_id);
  for (session::Session* session : sessions) {
    const session::Identity& identity = *session->identity();
    if (session == but || identity.issued >= revocation.at) continue;
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
