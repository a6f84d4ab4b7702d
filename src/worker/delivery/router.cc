// See router.h. A gate exists while one of its users is here; mend() is the one coroutine that works on it:
// it opens it, or fills the gap in it, and ends when there is nothing left to do.
#include "worker/delivery/router.h"

#include <algorithm>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/loop/wait.h"
#include "worker/delivery/event.h"

namespace delivery {
namespace {

using session::Session;

constexpr loop::Millis store_pause(500);  // the store is away: ask again

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
      scope_(loop, [](std::exception_ptr) { std::terminate(); }) {
  Rooms::Events events;
  events.joined = [this](const store::Membership& change) { on_joined(change); };
  events.left = [this](const store::Membership& change) {
    for (Session* session : registry_.user(change.user)) session->backlog().drop(change.conv);
  };
  events.doubtful = [this](const store::Membership& change) {
    scope_.spawn(rooms_.recheck(change.conv, change.user));
  };
  events.closed = [this](int64_t conv) { forget(conv); };
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
  Gate* found = gate(recent.conv, recent.low, recent.high);
  if (found == nullptr || (found->is_open() && recent.last < found->next())) return;
  found->heard(recent.last);
  work(recent.conv, *found);
}

int64_t Router::known_head(int64_t conv) const {
  const auto found = gates_.find(conv);
  return found == gates_.end() ? 0 : std::max<int64_t>(found->second.next() - 1, 0);
}

// The sessions that are here receive from now on what passes; what lies between the join and what has passed
// already they read. A room that is new may have missed something before its channel was confirmed.
void Router::on_joined(const store::Membership& change) {
  const Gate* open = find(change.conv);
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

// nullptr: none of its users is here.
Gate* Router::gate(int64_t conv, int64_t user, int64_t other) {
  if (Gate* found = find(conv)) return found;
  if (other == 0 || user == 0) {
    if (!rooms_.has(conv)) return nullptr;
    make_room();
    return &gates_.try_emplace(conv, 0, 0).first->second;
  }
  const int64_t low = std::min(user, other), high = std::max(user, other);
  const bool low_here = registry_.has_user(low), high_here = registry_.has_user(high);
  if (!low_here && !high_here) return nullptr;
  make_room();
  if (low_here) by_user_[low].insert(conv);
  if (high_here) by_user_[high].insert(conv);
  return &gates_.try_emplace(conv, low, high).first->second;
}

Gate* Router::find(int64_t conv) {
  const auto found = gates_.find(conv);
  return found == gates_.end() ? nullptr : &found->second;
}

Gate* Router::find(int64_t conv, uint64_t number) {
  Gate* gate = find(conv);
  return gate != nullptr && gate->worker == number ? gate : nullptr;
}

// At the bound any gate that is at rest goes: it costs one question to the store when its conversation
// speaks again.
void Router::make_room() {
  if (gates_.size() < static_cast<size_t>(settings_.gates)) return;
  for (const auto& [conv, gate] : gates_)
    if (gate.worker == 0) return forget(conv);
}

void Router::forget(int64_t conv) {
  const auto found = gates_.find(conv);
  if (found == gates_.end()) return;
  for (const int64_t user : {found->second.low(), found->second.high()}) {
    const auto of_user = by_user_.find(user);
    if (of_user == by_user_.end()) continue;
    of_user->second.erase(conv);
    if (of_user->second.empty()) by_user_.erase(of_user);
  }
  gates_.erase(found);
}

void Router::user_left(int64_t user) {
  const auto found = by_user_.find(user);
  if (found == by_user_.end()) return;
  const std::vector<int64_t> convs(found->second.begin(), found->second.end());
  for (const int64_t conv : convs) {
    const Gate* gate = find(conv);
    if (gate == nullptr) continue;
    const int64_t other = gate->low() == user ? gate->high() : gate->low();
    if (registry_.has_user(other))
      by_user_[other].insert(conv);  // it may have come after the gate was made
    else
      forget(conv);
  }
  by_user_.erase(user);
}

void Router::offer(const Live& message) {
  Gate* found = gate(message.conv, message.from, message.to);
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

// The gate is looked up anew after every wait: its users may have left meanwhile, and come back to another.
loop::Task<void> Router::mend(int64_t conv, uint64_t number) {
  Gate* gate = find(conv, number);
  if (gate->is_open() && gate->epoch() <= known_epoch(*gate, conv))
    co_await loop::sleep(loop_, loop::Millis(settings_.gap_hold));
  while ((gate = find(conv, number)) != nullptr && (!gate->is_open() || gate->has_gap())) {
    bool done = false;
    if (gate->epoch() > known_epoch(*gate, conv))
      done = co_await catch_up_epoch(conv, number);
    else if (gate->is_open())
      done = co_await fill(conv, number);
    else
      done = co_await open(conv, number);
    if (!done) co_await loop::sleep(loop_, store_pause);
  }
  if (gate != nullptr) gate->worker = 0;
}

// Asks how far the conversation and its readers here have come, until no reader is left that has come in
// meanwhile. What is held without a gap up to the newest message goes out from memory; what lies before it
// each session reads for itself.
loop::Task<bool> Router::open(int64_t conv, uint64_t number) {
  std::unordered_map<uint64_t, int64_t> from;  // by session
  Gate* gate = find(conv, number);
  for (;;) {
    std::vector<store::Reader> readers;
    std::vector<uint64_t> ids;
    for (const Session* session : sessions(conv, *gate)) {
      if (from.contains(session->id())) continue;
      readers.push_back(to_reader(*session->identity()));
      ids.push_back(session->id());
    }
    if (ids.empty()) break;
    auto positions = co_await conversations_.positions(conv, std::move(readers));
    gate = find(conv, number);
    if (gate == nullptr || gate->is_open()) co_return true;  // gone, or opened by the first message of all
    if (!positions) co_return false;
    gate->heard(positions->head);
    positions->from.resize(ids.size(), positions->head);
    for (size_t i = 0; i < ids.size(); ++i) from[ids[i]] = positions->from[i];
  }
  const int64_t base = gate->held_after();
  for (Session* session : sessions(conv, *gate)) {
    const int64_t known = from[session->id()];
    if (known > base)
      session->backlog().raise_floor(conv, known);
    else
      outbox_.lag(*session, conv, known, base);
  }
  gate->open_at(base + 1);
  drain(conv, *gate);
  co_return true;
}

loop::Task<bool> Router::catch_up_epoch(int64_t conv, uint64_t number) {
  const bool synced = co_await rooms_.sync(conv);
  if (Gate* gate = find(conv, number)) drain(conv, *gate);
  co_return synced;
}

// A gap is read once for all sessions here, a page at a time, and goes through the gate.
loop::Task<bool> Router::fill(int64_t conv, uint64_t number) {
  Gate* gate = find(conv, number);
  const int64_t after = gate->next() - 1;
  auto page = co_await messages_.after(conv, after, settings_.backlog_page, settings_.output_limit, 0);
  gate = find(conv, number);
  if (gate == nullptr) co_return true;
  if (!page) co_return false;
  if (page->messages.empty()) {
    base::log(base::Level::warn, "delivery: conversation %ld was said to reach %ld, it ends at %ld", conv,
              gate->heard_up_to(), after);
    forget(conv);
    co_return true;
  }
  // Who may see it as of now, for it is read as of now.
  while (gate != nullptr && gate->is_group() && page->epoch > rooms_.epoch(conv)) {
    const bool synced = co_await rooms_.sync(conv);
    if (!synced) co_return false;
    gate = find(conv, number);
  }
  if (gate == nullptr) co_return true;
  for (const store::Message& message : page->messages) {
    drain(conv, *gate);  // what is held knows which session sent it
    Live live;
    live.conv = conv;
    live.seq = message.seq;
    live.event = to_event(message);
    live.key = message.key;
    if (gate->offer(live, known_epoch(*gate, conv))) pass(*gate, live);
  }
  drain(conv, *gate);
  co_return true;
}

}  // namespace delivery
