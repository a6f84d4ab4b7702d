// See outbox.h. The window is small, so what is under way lies near the front: a search is short.
#include "client/outbox.h"

#include <algorithm>

namespace client {

Outgoing* Outbox::next(int64_t now) {
  if (now < not_before_) return nullptr;
  not_before_ = 0;
  const size_t reach = std::min(window_, waiting_.size());
  for (size_t i = 0; i < reach; ++i)
    if (waiting_[i].request == 0) return &waiting_[i];
  return nullptr;
}

void Outbox::lost() {
  not_before_ = 0;
  for (Outgoing& message : waiting_) message.request = 0;
}

void Outbox::postpone(int64_t id, int64_t until) {
  for (Outgoing& message : waiting_)
    if (message.request == id) {
      message.request = 0;
      not_before_ = std::max(not_before_, until);
      return;
    }
}

std::optional<Outgoing> Outbox::take_request(int64_t id) {
  return take(
      std::find_if(waiting_.begin(), waiting_.end(), [id](const Outgoing& m) { return m.request == id; }));
}

std::optional<Outgoing> Outbox::take_cid(const std::string& cid) {
  return take(
      std::find_if(waiting_.begin(), waiting_.end(), [&](const Outgoing& m) { return m.cid == cid; }));
}

std::optional<Outgoing> Outbox::take(std::deque<Outgoing>::iterator at) {
  if (at == waiting_.end()) return std::nullopt;
  Outgoing message = std::move(*at);
  waiting_.erase(at);
  return message;
}

}  // namespace client
