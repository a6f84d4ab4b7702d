// See gate.h.
#include "worker/delivery/gate.h"

#include <algorithm>

namespace delivery {

void Gate::open_at(int64_t next) {
  next_ = std::max(next_, next);
  held_.erase(held_.begin(), held_.lower_bound(next_));
}

bool Gate::offer(const Live& message, int64_t known_epoch) {
  if (is_open() && message.seq < next_) return false;
  heard(message.seq);
  epoch_ = std::max(epoch_, message.epoch);
  if (is_open() && message.seq == next_ && message.epoch <= known_epoch) {
    held_.erase(message.seq);
    ++next_;
    return true;
  }
  if (held_.size() < held_limit) held_.try_emplace(message.seq, message);
  return false;
}

void Gate::heard(int64_t seq) {
  heard_ = std::max(heard_, seq);
}

std::optional<Live> Gate::take(int64_t known_epoch) {
  const auto first = held_.begin();
  if (first == held_.end() || first->first != next_ || first->second.epoch > known_epoch) return std::nullopt;
  Live message = std::move(first->second);
  held_.erase(first);
  ++next_;
  return message;
}

int64_t Gate::held_after() const {
  int64_t seq = heard_;
  for (auto message = held_.rbegin(); message != held_.rend() && message->first == seq; ++message) --seq;
  return seq;
}

}  // namespace delivery
