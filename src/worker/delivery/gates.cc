// See gates.h.
#include "worker/delivery/gates.h"

#include <algorithm>

namespace delivery {

Gate* Gates::get(int64_t conv, int64_t user, int64_t other) {
  if (const auto found = gates_.find(conv); found != gates_.end()) {
    by_age_.splice(by_age_.end(), by_age_, found->second.age);
    return &found->second.gate;
  }
  if (other == 0 || user == 0) return rooms_.has(conv) ? make(conv, 0, 0) : nullptr;
  const int64_t low = std::min(user, other), high = std::max(user, other);
  const bool low_here = registry_.has_user(low), high_here = registry_.has_user(high);
  if (!low_here && !high_here) return nullptr;
  if (low_here) by_user_[low].insert(conv);
  if (high_here) by_user_[high].insert(conv);
  return make(conv, low, high);
}

Gate* Gates::make(int64_t conv, int64_t low, int64_t high) {
  make_room();
  const auto age = by_age_.insert(by_age_.end(), conv);
  return &gates_.try_emplace(conv, Kept{Gate(low, high), age}).first->second.gate;
}

Gate* Gates::find(int64_t conv) {
  const auto found = gates_.find(conv);
  return found == gates_.end() ? nullptr : &found->second.gate;
}

Gate* Gates::find(int64_t conv, uint64_t worker) {
  Gate* gate = find(conv);
  return gate != nullptr && gate->worker == worker ? gate : nullptr;
}

// One that is being worked on stays.
void Gates::make_room() {
  if (gates_.size() < static_cast<size_t>(settings_.gates)) return;
  for (const int64_t conv : by_age_)
    if (find(conv)->worker == 0) return forget(conv);
}

void Gates::forget(int64_t conv) {
  const auto found = gates_.find(conv);
  if (found == gates_.end()) return;
  for (const int64_t user : {found->second.gate.low(), found->second.gate.high()}) {
    const auto of_user = by_user_.find(user);
    if (of_user == by_user_.end()) continue;
    of_user->second.erase(conv);
    if (of_user->second.empty()) by_user_.erase(of_user);
  }
  by_age_.erase(found->second.age);
  gates_.erase(found);
}

void Gates::user_left(int64_t user) {
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

}  // namespace delivery
