// View: what one client saw of one conversation, held against what is stored of it: all that it had to get,
// in order, nothing else, with the same texts. Pure; a part of the checker (check.h).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bench/check.h"

namespace bench {

std::string told(const Stored::Message& message, const Names& names);

class View {
 public:
  // Deliveries, in the order in which they came, and acks.
  void take(const Record& record);
  void take(const Stored::Membership& membership) { memberships_.push_back(&membership); }

  // `messages`: the run's in this conversation, by seq.
  void judge(int32_t who, std::span<const Stored::Message> messages, const Names& names,
             Verdict& verdict) const;

 private:
  class Screen;

  bool may_see(int64_t seq) const;
  void judge_delivery(const Record& record, const Stored::Message& message, const Names& names,
                      Verdict& verdict) const;
  static void show(const Record& record, const Stored::Message& message, Screen& screen, const Names& names,
                   Verdict& verdict);
  void judge_rest(const Stored::Membership& member, std::span<const Stored::Message> messages,
                  const Screen& screen, const Names& names, Verdict& verdict) const;

  std::vector<const Record*> deliveries_;
  std::vector<const Stored::Membership*> memberships_;
  int64_t acked_ = -1;
};

}  // namespace bench
