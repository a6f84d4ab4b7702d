// See router.h. What is wrong with a gate is mended in router_mend.cc.
#include "worker/delivery/router.h"

#include <algorithm>

#include "common/base/clock.h"
#include "worker/delivery/event.h"

namespace delivery {
namespace {

using session::Session;

}  // namespace

Router::Router(loop::Loop& loop, const conf::Settings& settings, session::Registry& registry,
               store::Conversations& conversations, store::Messages& messages, bus::Bus& bus, Rooms& rooms,
               Outbox& outbox, ipc::Slot& slot)
    : loop_(loop),
      settings_(settings),
      registry_(registry),
      conversations_(conversations),
      messages_(messages),
      bus_(bus),
      rooms_(rooms),
      outbox_(outbox),
      slot_(slot),
      gates_(settings, registry, rooms),
      scope_(loop, [](std::exception_ptr) { std::terminate(); }) {
  Rooms::Events events;
  events.joined = [this](const store::Membership& change) { on_joined(change); };
  events.left = [this](const store::Membership& change) {
    for (Session* session : registry_.user(change.user)) session->backlog().drop(change.conv);
  };
  events.doubtful = [this](const store::Membership& change) {
    scope_.spawn(rooms_.recheck(change.conv, change.user));
  };
  events.closed = [this](int64_t conv) { gates_.forget(conv); };
  rooms_.on(std::move(events));
}

// A duplicate is told again: the first telling may have died with its worker. The text may be another one
// than what is stored, so only its number is told here, and others read it where they miss it.
void Router::committed(const store::Send& send, const store::Sent& sent) {
  if (sent.duplicate) {
    store::Recent recent;
    recent.conv = send.conv;
    if (send.peer != 0) {
      recent.low = std::min(send.sender, send.peer);
      recent.high = std::max(send.sender, send.peer);
    }
    recent.last = sent.seq;
    heard(recent);
  }
  if (Session* session = registry_.find(send.session)) {
    session->backlog().sent_own(send.conv, sent.seq);
    session->backlog().end_own(send.conv, send.key);
  }
  slot_.add(ipc::Counter::messages_in, sent.duplicate ? 0 : 1);
  Live live;
  live.conv = send.conv;
  live.seq = sent.seq;
  live.from = send.sender;
  live.to = send.peer;
  live.epoch = sent.epoch;
  if (!sent.duplicate) live.event = to_event(send, sent);
  live.session = send.session;
  bus::Envelope envelope;
  envelope.origin = bus_.origin();
  envelope.conv = live.conv;
  envelope.seq = live.seq;
  envelope.epoch = sent.epoch;
  envelope.from = live.from;
  envelope.to = live.to;
  const std::string bytes = bus::encode(envelope, live.event);
  if (live.to == 0) {
    publish(bus::group_channel(live.conv), bytes);
  } else {
    publish(bus::user_channel(live.to), bytes);
    if (live.from != live.to) publish(bus::user_channel(live.from), bytes);
  }
  slot_.add(ipc::Counter::published);
  if (!sent.duplicate) offer(live);
}

// While Redis is away its return is announced by the bus; here it was only too slow.
void Router::publish(bus::ChannelId channel, const std::string& bytes) {
  if (!bus_.publish(channel, bytes) && unannounced_since_ == 0) unannounced_since_ = base::mono_ms();
}

void Router::arrived(const bus::Envelope& envelope, std::string_view event) {
  if (envelope.kind != bus::Kind::message) {
    store::Membership change;
    change.conv = envelope.conv;
    change.epoch = envelope.epoch;
    change.user = envelope.to;
    change.seq = envelope.seq;
    change.joined = envelope.kind == bus::Kind::joined;
    return rooms_.apply(change);
  }
  if (event.empty()) {
    store::Recent recent;
    recent.conv = envelope.conv;
    if (envelope.to != 0) {
      recent.low = std::min(envelope.from, envelope.to);
      recent.high = std::max(envelope.from, envelope.to);
    }
    recent.last = envelope.seq;
    return heard(recent);
  }
  Live live;
  live.conv = envelope.conv;
  live.seq = envelope.seq;
  live.from = envelope.from;
  live.to = envelope.to;
  live.epoch = envelope.epoch;
  live.event = event;
  offer(live);
}

void Router::heard(const store::Recent& recent) {
  Gate* found = gates_.get(recent.conv, recent.low, recent.high);
  if (found == nullptr || (found->is_open() && recent.last < found->next())) return;
  found->heard(recent.last);
  work(recent.conv, *found);
}

int64_t Router::known_head(int64_t conv) {
  const Gate* gate = gates_.find(conv);
  return gate == nullptr ? 0 : std::max<int64_t>(gate->next() - 1, 0);
}

// The sessions that are here receive from now on what passes; what lies between the join and what has passed
// already they read. A room that is new may have missed something before its channel was confirmed.
void Router::on_joined(const store::Membership& change) {
  const Gate* open = gates_.find(change.conv);
  const int64_t passed = open != nullptr && open->is_open() ? open->next() - 1 : 0;
  for (Session* session : registry_.user(change.user)) {
    session->backlog().raise_floor(change.conv, change.seq);
    outbox_.lag(*session, change.conv, change.seq, passed);
  }
  scope_.spawn(settle(change.conv));
}

loop::Task<void> Router::settle(int64_t conv) {
  co_await rooms_.confirmed(conv);
  auto head = co_await conversations_.head(conv);
  if (!head || *head == 0) co_return;
  store::Recent recent;
  recent.conv = conv;
  recent.last = *head;
  heard(recent);
}

loop::Task<void> Router::changed(store::Membership change) {
  rooms_.apply(change);
  bus::Envelope envelope;
  envelope.kind = change.joined ? bus::Kind::joined : bus::Kind::left;
  envelope.origin = bus_.origin();
  envelope.conv = change.conv;
  envelope.seq = change.seq;
  envelope.epoch = change.epoch;
  envelope.to = change.user;
  const bool all = change.user == store::Membership::everybody;
  publish(all ? bus::group_channel(change.conv) : bus::user_channel(change.user), bus::encode(envelope, {}));
  if (change.joined) co_await settle(change.conv);
}

void Router::offer(const Live& message) {
  Gate* found = gates_.get(message.conv, message.from, message.to);
  if (found == nullptr) return;
  if (!found->is_open() && message.seq == 1) found->open_at(1);  // nothing can have come before
  if (found->offer(message, known_epoch(*found, message.conv))) {
    pass(*found, message);
    drain(message.conv, *found);
  }
  if (!found->is_open() || found->has_gap()) work(message.conv, *found);
}

void Router::pass(const Gate& gate, const Live& message) {
  outbox_.deliver(message, sessions(message.conv, gate));
}

void Router::drain(int64_t conv, Gate& gate) {
  while (auto message = gate.take(known_epoch(gate, conv))) pass(gate, *message);
}

int64_t Router::known_epoch(const Gate& gate, int64_t conv) const {
  return gate.is_group() ? rooms_.epoch(conv) : Gate::every_epoch;
}

std::vector<Session*> Router::sessions(int64_t conv, const Gate& gate) const {
  if (gate.is_group()) return rooms_.sessions(conv);
  std::vector<Session*> all = registry_.user(gate.low());
  if (gate.high() != gate.low()) {
    const auto& more = registry_.user(gate.high());
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

void Router::work(int64_t conv, Gate& gate) {
  if (gate.worker != 0) return;
  gate.worker = ++last_number_;
  scope_.spawn(mend(conv, gate.worker));
}

}  // namespace delivery
