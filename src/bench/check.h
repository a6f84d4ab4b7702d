// The checker: what the clients did and saw (journal.h), and what is stored (store.h), held against what is
// promised. Pure: histories in, findings out; it asks nobody.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/journal.h"

namespace bench {

// What PostgreSQL holds of a run.
struct Stored {
  struct Message {
    Conv conv{};
    int64_t seq = 0;
    int32_t from = nobody;
    int32_t number = -1;
    uint32_t text = 0;
  };
  // All its messages, those of earlier runs too.
  struct Conversation {
    Conv conv{};
    int64_t last_seq = 0;
    int64_t count = 0;
    int64_t lowest = 0;
    int64_t highest = 0;
  };
  // `who` may see what lies above `after` up to `until`; a member who is still there must.
  struct Membership {
    Conv conv{};
    int32_t who = nobody;
    int64_t after = 0;
    int64_t until = INT64_MAX;
    int64_t recv_seq = 0;

    bool stays() const { return until == INT64_MAX; }
  };

  std::vector<Message> messages;
  std::vector<Conversation> conversations;
  std::vector<Membership> memberships;
};

enum class Fault : uint8_t {
  lost,
  doubled,
  gap,
  mismatched,
  altered,
  phantom,
  undelivered,
  disordered,
  misdelivered,
  over_acked,
  open,
};

struct FaultWords {
  std::string_view name;  // in the JSON
  std::string_view told;
};
constexpr std::array<FaultWords, 11> fault_words = {{
    {"lost", "acknowledged and not stored"},
    {"doubled", "stored more than once"},
    {"gaps", "conversations whose seq has a gap"},
    {"mismatched", "stored otherwise than the sender was told"},
    {"altered", "texts that changed on the way"},
    {"phantom", "delivered and not stored"},
    {"undelivered", "stored and not delivered to a member"},
    {"disordered", "shown after a later one"},
    {"misdelivered", "delivered to who may not see it"},
    {"over_acked", "counted as received, and never acknowledged"},
    {"open", "sends without an answer"},
}};

struct Verdict {
  static constexpr size_t shown = 5;

  std::array<int64_t, fault_words.size()> faults{};
  std::array<std::vector<std::string>, fault_words.size()> first;  // of each, at most `shown`

  int64_t sent = 0;
  int64_t acknowledged = 0;
  int64_t stored = 0;
  int64_t delivered = 0;            // shown: after dropping by (conv, seq)
  int64_t repeated = 0;             // dropped
  int64_t put_off = 0;              // refused for the moment
  int64_t longest_silence_us = 0;   // without any ok while a send was due
  int64_t longest_delivery_us = 0;  // from due to shown

  int64_t count(Fault fault) const { return faults[static_cast<size_t>(fault)]; }
  void add(Fault fault, const std::string& what);
  bool good() const;
};

// `records` of each client are in the order in which they were written.
Verdict check(const std::vector<Record>& records, const Stored& stored, const Names& names);

}  // namespace bench
