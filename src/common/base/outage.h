// Outage: what is said in the log about something that is away: each reason when it first shows, and once a
// minute again, so that a long outage explains itself, also where its cause has become another one, and stays
// short.
//
// Owned by whoever keeps the connection. Writes nothing itself.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace base {

class Outage {
 public:
  // Whether this reason is worth a line now (monotonic ms).
  bool worth_telling(const std::string& why, int64_t now_ms) {
    if (told_at_.size() >= reasons_max && !told_at_.contains(why)) return false;
    const auto [told, fresh] = told_at_.try_emplace(why, now_ms);
    if (!fresh && now_ms - told->second < again_ms) return false;
    told->second = now_ms;
    return true;
  }
  // It is over: whether there was one.
  bool end() {
    const bool was = !told_at_.empty();
    told_at_.clear();
    return was;
  }

 private:
  static constexpr size_t reasons_max = 16;  // texts of the other side's
  static constexpr int64_t again_ms = 60000;

  std::map<std::string, int64_t> told_at_;
};

}  // namespace base
