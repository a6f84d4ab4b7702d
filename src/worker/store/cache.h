// Cache: a bounded map for facts that never change (a name's id, two users' conversation).
//
// Two generations: what is asked for moves to the young one; when that is half the limit, the old one is
// dropped. No list, no clock, and a scan of strangers does not push out what is used. Not for facts that
// may change: nothing is ever invalidated.
#pragma once

#include <cstddef>
#include <optional>
#include <unordered_map>
#include <utility>

namespace store {

template <class Key, class Value, class Hash = std::hash<Key>>
class Cache {
 public:
  explicit Cache(size_t limit) : half_(limit / 2 + 1) {}

  std::optional<Value> find(const Key& key) {
    if (const auto hit = young_.find(key); hit != young_.end()) return hit->second;
    const auto hit = old_.find(key);
    if (hit == old_.end()) return std::nullopt;
    Value value = hit->second;
    put(key, value);
    return value;
  }

  void put(const Key& key, Value value) {
    if (young_.size() >= half_) {
      old_ = std::move(young_);
      young_.clear();
    }
    young_.insert_or_assign(key, std::move(value));
  }

  size_t size() const { return young_.size() + old_.size(); }

 private:
  const size_t half_;
  std::unordered_map<Key, Value, Hash> young_, old_;
};

}  // namespace store
