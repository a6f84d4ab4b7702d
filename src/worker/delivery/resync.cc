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
               store::Board& board, store::Conversations& conversations, store::Memberships& memberships,
               bus::Bus& bus, Rooms& rooms, Router& router)
    : loop_(loop),
      settings_(settings),
      registry_(registry),
      board_(board),
      conversations_(conversations),
      bus_(bus),
      memberships_(memberships),
      rooms_(rooms),
      router_(router),
      alone_at_(base::mono_ms()) {}

// A message is as old as its transaction's beginning, and tells of itself at its end. What was committed
// before anybody came is in everybody's backlog.
void Resync::ask_for(int64_t age_ms) {
  const int64_t age = std::min(age_ms, base::mono_ms() - alone_at_);
  window_ms_ = std::max(window_ms_, age + 2 * settings_.postgres_timeout);
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
    co_await tell();
    co_await loop::sleep(loop_, loop::Millis(settings_.poll_interval));
    const int64_t now = base::mono_ms();
    if (now < in_doubt_until_) ask_for(now - in_doubt_since_);
    if (registry_.size() == 0) {
      window_ms_ = 0;  // nobody here to miss anything
      alone_at_ = base::mono_ms();
      continue;
    }
    co_await look();
    if (!bus_.up() || now < doubt_until_) ask_for(settings_.poll_interval);
    if (window_ms_ > 0) co_await poll_messages();
  }
}

// A worker begins mute, and says so before it serves anybody. The lease is longer than a turn, however slow
// the store is: the others ask until after the last commit of a mute worker that is killed. They know of it
// within two turns, one of its own and one of theirs.
loop::Task<void> Resync::tell() {
  const int64_t now = base::mono_ms();
  if (const int64_t since = untold_since(now); since != 0 && bus_.up()) announce_missed(now - since);
  if (const int64_t since = mute_since(); since != 0) {
    said_mute_ = true;
    const int64_t lease = settings_.poll_interval + 2 * settings_.postgres_timeout;
    [[maybe_unused]] auto said = co_await board_.mute(bus_.origin(), now - since, lease);
  } else if (said_mute_) {
    auto gone = co_await board_.unmute(bus_.origin());
    if (gone) said_mute_ = false;
  }
}

int64_t Resync::mute_since() const {
  const int64_t unannounced = router_.unannounced_since();
  const int64_t mute = bus_.mute_since_ms().value_or(unannounced);
  return unannounced == 0 ? mute : std::min(mute, unannounced);
}

loop::Task<void> Resync::look() {
  const int64_t now = base::mono_ms();
  const int64_t unasked = looked_at_ == 0 ? 0 : now - looked_at_;
  auto news = co_await board_.look(bus_.origin(), unasked + revocation_slack_ms, unasked);
  if (!news) co_return;
  looked_at_ = now;
  for (const store::Revocation& revocation : news->revocations) revoke(revocation, nullptr);
  follow(news->mute, unasked);
}

// Of a mute worker that is new to us we ask for all that it has not told, then for what came since the last
// turn.
void Resync::follow(const std::vector<store::Mute>& mute, int64_t unasked_ms) {
  std::set<uint64_t> now;
  for (const store::Mute& other : mute) {
    ask_for(followed_.contains(other.origin) ? unasked_ms : other.age_ms);
    now.insert(other.origin);
  }
  followed_.swap(now);
}

void Resync::revoke(const store::Revocation& revocation, const session::Session* but) {
  const std::vector<session::Session*> sessions = registry_.user(revocation.user_id);
  for (session::Session* session : sessions) {
    if (session == but || session->identity()->issued >= revocation.at) continue;
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
