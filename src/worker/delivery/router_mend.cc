// The router at a gate that is not open yet, or has a gap: mend() is the one coroutine that works on it, and
// ends when there is nothing left to do.
#include <algorithm>

#include "common/base/log.h"
#include "common/loop/wait.h"
#include "worker/delivery/event.h"
#include "worker/delivery/router.h"

namespace delivery {
namespace {

using session::Session;

constexpr loop::Millis store_pause(500);  // the store is away: ask again

}  // namespace

// The gate is looked up anew after every wait: its users may have left meanwhile, and come back to another.
loop::Task<void> Router::mend(int64_t conv, uint64_t number) {
  Gate* gate = gates_.find(conv, number);
  if (gate->is_open() && gate->epoch() <= known_epoch(*gate, conv))
    co_await loop::sleep(loop_, loop::Millis(settings_.gap_hold));
  while ((gate = gates_.find(conv, number)) != nullptr && (!gate->is_open() || gate->has_gap())) {
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
  Gate* gate = gates_.find(conv, number);
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
    gate = gates_.find(conv, number);
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
  if (Gate* gate = gates_.find(conv, number)) drain(conv, *gate);
  co_return synced;
}

// A gap is read once for all sessions here, a page at a time, and goes through the gate.
loop::Task<bool> Router::fill(int64_t conv, uint64_t number) {
  Gate* gate = gates_.find(conv, number);
  const int64_t after = gate->next() - 1;
  auto page = co_await messages_.after(conv, after, settings_.backlog_page, settings_.output_limit, 0);
  gate = gates_.find(conv, number);
  if (gate == nullptr) co_return true;
  if (!page) co_return false;
  if (page->messages.empty()) {
    base::log(base::Level::warn, "delivery: conversation %ld was said to reach %ld, it ends at %ld", conv,
              gate->heard_up_to(), after);
    gates_.forget(conv);
    co_return true;
  }
  // Who may see it as of now, for it is read as of now.
  while (gate != nullptr && gate->is_group() && page->epoch > rooms_.epoch(conv)) {
    const bool synced = co_await rooms_.sync(conv);
    if (!synced) co_return false;
    gate = gates_.find(conv, number);
  }
  if (gate == nullptr) co_return true;
  for (const store::Message& message : page->messages) {
    drain(conv, *gate);  // what is held knows which session sent it
    Live live;
    live.conv = conv;
    live.seq = message.seq;
    live.from = message.sender;
    live.event = to_event(message);
    live.key = message.key;
    if (gate->offer(live, known_epoch(*gate, conv))) pass(*gate, live);
  }
  drain(conv, *gate);
  co_return true;
}

}  // namespace delivery
