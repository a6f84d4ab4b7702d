// See bus.h. Hiredis' callbacks come in here and only take notes; flush() acts on them at the loop's top.
#include "worker/bus/bus.h"

#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include "common/base/clock.h"
#include "common/base/log.h"

namespace bus {
namespace {

// Where all workers beat; each has it as the permanent channel of its subscriber.
constexpr std::string_view workers_channel = "w";

uint64_t random_origin() {
  std::random_device device;
  uint64_t origin = 0;
  while (origin == 0) origin = uint64_t{device()} << 32 | device();
  return origin;
}

std::string note(Kind kind, uint64_t origin) {
  Envelope envelope;
  envelope.kind = kind;
  envelope.origin = origin;
  return encode(envelope, {});
}

redis::Options options(const conf::Settings& settings, const char* purpose) {
  const conf::Redis& redis = settings.redis.at(0);
  return {purpose, redis.address, redis.password, loop::Millis(settings.redis_timeout),
          static_cast<size_t>(settings.redis_queue)};
}

// It is up when Redis has taken a publish, which an ACL may refuse.
redis::Options publishing(const conf::Settings& settings, const std::string& beat) {
  redis::Options made = options(settings, "publishing");
  made.probe = {"PUBLISH", std::string(workers_channel), beat};
  return made;
}

}  // namespace

Bus::Bus(loop::Loop& loop, const conf::Settings& settings)
    : loop_(loop),
      origin_(random_origin()),
      beat_(note(Kind::beat, origin_)),
      timeout_(settings.redis_timeout),
      beat_every_(std::min<int64_t>(1000, settings.redis_timeout / 3)),
      deaf_since_ms_(base::mono_ms()),
      mute_since_ms_(deaf_since_ms_),
      last_tick_ms_(*deaf_since_ms_),
      tick_(
          loop, [](void* self) { static_cast<Bus*>(self)->tick(); }, this),
      publisher_(loop, publishing(settings, beat_),
                 {[this] { publisher_up(); }, [this] { publisher_down(); }}),
      subscriber_(loop, options(settings, "listening"), std::string(workers_channel), listen()),
      channels_(loop, subscriber_, timeout_, [this] { look(); }) {
  tick_.start(beat_every_);
}

redis::Subscriber::Events Bus::listen() {
  redis::Subscriber::Events events;
  events.up = [this] { subscriber_up(); };
  events.down = [this] { subscriber_down(); };
  events.subscribed = [this](std::string_view channel) { channels_.subscribed(channel); };
  events.unsubscribed = [this](std::string_view channel) { channels_.unsubscribed(channel); };
  events.message = [this](std::string_view, std::string_view payload) { received(payload); };
  return events;
}

bool Bus::publish(ChannelId id, std::string_view encoded) {
  return publisher_.publish(channel_of(id), encoded);
}

bool Bus::announce(std::string_view encoded) {
  return publisher_.publish(workers_channel, encoded);
}

void Bus::received(std::string_view payload) {
  const auto decoded = decode(payload);
  if (!decoded) {
    if (garbage_++ == 0) base::log(base::Level::warn, "bus: something that is no envelope came over Redis");
    return;
  }
  const Envelope& envelope = decoded->envelope;
  if (envelope.origin == origin_) return;
  if (envelope.kind == Kind::beat) return peers_.heard(envelope.origin, base::mono_ms());
  if (envelope.kind == Kind::goodbye) return peers_.left(envelope.origin);
  inbox_.push_back({envelope, inbox_bytes_.size(), decoded->event.size()});
  inbox_bytes_ += decoded->event;
  loop_.at_turn_end(*this);
}

// The first beat comes at once, so that the silence of the connections is broken soon after they are up.
void Bus::publisher_up() {
  if (!leaving_) announce(beat_);
  look();
}

// From the last sign of life on: what was written since then may never have reached Redis.
void Bus::publisher_down() {
  up_ = false;
  if (!mute_since_ms_) mute_since_ms_ = publisher_.last_heard_ms();
}

void Bus::subscriber_up() {
  peers_.forgive(base::mono_ms() + timeout_.count());
  channels_.up();
}

void Bus::subscriber_down() {
  up_ = false;
  if (!deaf_since_ms_) deaf_since_ms_ = subscriber_.last_heard_ms();
  channels_.down();
}

void Bus::look() {
  if (up_ || !publisher_.up() || !channels_.settled()) return;
  up_ = true;
  resynced_ = true;
  loop_.at_turn_end(*this);
}

// A tick that comes late means that it was us who slept: nobody else is judged for it.
void Bus::tick() {
  const int64_t now = base::mono_ms();
  if (now - last_tick_ms_ > 2 * beat_every_.count() + 500) peers_.forgive(now);
  last_tick_ms_ = now;
  tick_.start(beat_every_);
  if (!leaving_ && publisher_.up()) announce(beat_);
  loop_.at_turn_end(*this);
}

void Bus::flush() {
  deliver();
  if (subscriber_.up())
    for (const Lost& lost : peers_.lost(base::mono_ms())) on_worker_lost_(lost);
  if (!std::exchange(resynced_, false) || !up_) return;
  const int64_t now = base::mono_ms();
  Gap gap;
  if (deaf_since_ms_) gap.deaf_ms = now - *deaf_since_ms_;
  if (mute_since_ms_) gap.mute_ms = now - *mute_since_ms_;
  deaf_since_ms_.reset();
  mute_since_ms_.reset();
  on_resync_(gap);
}

// The inbox is taken first: who is called may come back.
void Bus::deliver() {
  std::vector<Arrived> inbox;
  std::string bytes;
  inbox.swap(inbox_);
  bytes.swap(inbox_bytes_);
  for (const Arrived& arrived : inbox)
    on_envelope_(arrived.envelope, std::string_view(bytes).substr(arrived.at, arrived.size));
  inbox.clear();
  bytes.clear();
  if (inbox_.empty()) {
    inbox_.swap(inbox);
    inbox_bytes_.swap(bytes);
  }
}

loop::Task<void> Bus::goodbye() {
  leaving_ = true;
  const std::string word = note(Kind::goodbye, origin_);
  const std::array<std::string_view, 3> args{"PUBLISH", workers_channel, word};
  if (!publisher_.command(args, [this](const redis::Reply&) { said_goodbye_.wake(); })) co_return;
  co_await said_goodbye_.wait(loop_, timeout_);
}

}  // namespace bus
