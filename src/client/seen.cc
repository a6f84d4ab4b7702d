// See seen.h.
#include "client/seen.h"

#include <algorithm>

namespace client {

void Seen::restart() {
  due_.clear();  // what the server has not heard of, it sends again
  for (auto& [name, c] : conversations_) c.begun = false;
}

void Seen::clear() {
  due_.clear();
  conversations_.clear();
}

void Seen::assume(const std::string& conv, int64_t seq) {
  Conversation& c = conversations_[conv];
  c.through = std::max(c.through, seq);
  absorb(c);
}

std::vector<std::pair<std::string, int64_t>> Seen::known() const {
  std::vector<std::pair<std::string, int64_t>> out;
  for (const auto& [name, c] : conversations_)
    if (c.through > 0) out.emplace_back(name, c.through);
  return out;
}

bool Seen::event(const std::string& conv, int64_t seq) {
  Conversation& c = conversations_[conv];
  if (!std::exchange(c.begun, true)) {
    c.through = std::max(c.through, seq - 1);
    absorb(c);
  }
  const bool fresh = add(c, seq);
  due_[conv] = c.through;
  return fresh;
}

bool Seen::reply(const std::string& conv, int64_t seq) {
  Conversation& c = conversations_[conv];
  const int64_t before = c.through;
  if (c.through < 0 && seq == 1) c.through = 0;
  const bool fresh = add(c, seq);
  if (c.through > std::max<int64_t>(before, 0)) due_[conv] = c.through;
  return fresh;
}

std::vector<std::pair<std::string, int64_t>> Seen::take_due() {
  std::vector<std::pair<std::string, int64_t>> out(due_.begin(), due_.end());
  due_.clear();
  return out;
}

// Puts `seq` where it belongs; false if it is there already.
bool Seen::add(Conversation& c, int64_t seq) {
  if (seq <= c.through) return false;
  auto next = c.runs.upper_bound(seq);
  const bool has_before = next != c.runs.begin();
  auto before = has_before ? std::prev(next) : c.runs.end();
  if (has_before && seq <= before->second) return false;
  if (has_before && before->second + 1 == seq)
    before->second = seq;
  else
    before = c.runs.emplace(seq, seq).first;
  if (next != c.runs.end() && next->first == seq + 1) {
    before->second = next->second;
    c.runs.erase(next);
  }
  absorb(c);
  if (c.runs.size() > runs_limit) c.runs.erase(c.runs.begin());
  return true;
}

// Runs that `through` has reached become part of it.
void Seen::absorb(Conversation& c) {
  while (c.through >= 0 && !c.runs.empty() && c.runs.begin()->first <= c.through + 1) {
    c.through = std::max(c.through, c.runs.begin()->second);
    c.runs.erase(c.runs.begin());
  }
}

}  // namespace client
