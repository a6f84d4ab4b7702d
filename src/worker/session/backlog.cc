// See backlog.h.
#include "worker/session/backlog.h"

#include <algorithm>

namespace session {

// An earlier login of this session may have failed half-way.
void Backlog::fall_behind_from_store() {
  noted_.clear();
  floors_.clear();
  overflowed_ = false;
  behind_ = true;
  covered_ = 0;
}

void Backlog::fall_behind() {
  behind_ = true;
}

// While live too: it may be held at the gate until the session has fallen behind.
void Backlog::sent_own(int64_t conv, int64_t seq) {
  if (own_.size() < limit_) own_.emplace(conv, seq);
}

void Backlog::begin_own(int64_t conv, std::string key) {
  if (in_flight_.size() < limit_) in_flight_.emplace(conv, std::move(key));
}

void Backlog::end_own(int64_t conv, const std::string& key) {
  in_flight_.erase({conv, key});
}

void Backlog::forget_own(int64_t conv, int64_t up_to) {
  own_.erase(own_.lower_bound({conv, 0}), own_.upper_bound({conv, up_to}));
}

// Once one was not noted, no other conversation is: the next message of the same one would hide it.
Backlog::Verdict Backlog::offer(int64_t conv, int64_t seq, bool own) {
  if (seq <= floor(conv)) return Verdict::skip;
  if (!behind_) {
    floors_.erase(conv);  // the gate keeps the order from here on
    const bool mine = own || own_.contains({conv, seq});
    forget_own(conv, seq);
    return mine ? Verdict::skip : Verdict::push;
  }
  if (const auto entry = noted_.find(conv); entry != noted_.end()) {
    entry->second.last = std::max(entry->second.last, seq);
  } else if (overflowed_ || noted_.size() >= limit_) {
    overflowed_ = true;
  } else {
    Entry& fresh = noted_[conv];
    fresh.after = seq - 1;
    fresh.last = seq;
  }
  return Verdict::later;
}

void Backlog::wait(int64_t conv, int64_t from, int64_t last) {
  from = std::max(from, floor(conv));
  if (from >= last) return;
  const auto [entry, fresh] = noted_.try_emplace(conv);
  if (fresh)
    entry->second.after = from;
  else if (!entry->second.started)
    entry->second.after = std::min(entry->second.after, from);
  entry->second.last = std::max(entry->second.last, last);
}

void Backlog::raise_floor(int64_t conv, int64_t seq) {
  if (noted_.contains(conv)) return;
  int64_t& floor = floors_[conv];
  floor = std::max(floor, seq);
}

void Backlog::drop(int64_t conv) {
  noted_.erase(conv);
  floors_.erase(conv);
}

int64_t Backlog::floor(int64_t conv) const {
  const auto found = floors_.find(conv);
  return found == floors_.end() ? 0 : found->second;
}

// Round robin, so that a conversation that never stops talking does not keep the others waiting.
std::optional<Backlog::Stretch> Backlog::next() {
  auto entry = noted_.upper_bound(turn_);
  if (entry == noted_.end() || entry->first > covered_) entry = noted_.begin();
  if (entry == noted_.end() || entry->first > covered_) return std::nullopt;
  entry->second.started = true;
  turn_ = entry->first;
  Stretch stretch;
  stretch.conv = entry->first;
  stretch.after = entry->second.after;
  stretch.last = entry->second.last;
  return stretch;
}

bool Backlog::sending(int64_t conv, int64_t seq, bool own) {
  const auto entry = noted_.find(conv);
  if (entry == noted_.end() || seq <= entry->second.after) return false;
  entry->second.after = seq;
  return own_.erase({conv, seq}) == 0 && !own;
}

void Backlog::exhausted(const Stretch& stretch) {
  const auto entry = noted_.find(stretch.conv);
  if (entry == noted_.end()) return;
  const Entry& e = entry->second;
  if (e.after >= e.last || e.last == stretch.last) finish(entry);
}

void Backlog::finish(std::map<int64_t, Entry>::iterator entry) {
  const int64_t conv = entry->first, sent = entry->second.after;
  noted_.erase(entry);
  forget_own(conv, sent);
  raise_floor(conv, sent);
}

bool Backlog::go_live() {
  if (!noted_.empty() || covered_ != everything) return false;
  if (overflowed_) {
    overflowed_ = false;
    covered_ = 0;
    return false;
  }
  behind_ = false;
  return true;
}

}  // namespace session
