// Acks: gathers what clients acknowledge and writes it once in a while.
//
// Per (user, conversation) only the highest counts, so a thousand acks become one row. Losing some sends a
// few messages again and nothing else: that is why they may wait in memory. Owned by the worker.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "common/conf/settings.h"
#include "common/loop/scope.h"
#include "worker/store/database.h"

namespace store {

class Acks {
 public:
  Acks(loop::Loop& loop, Database& database, const conf::Settings& settings);

  void note(int64_t user, int64_t conv, int64_t seq);
  // Writes until told to stop; a worker's root task.
  loop::Task<void> run();
  // Writes what is there now: before a session's own question, and before the worker leaves.
  loop::Task<base::Result<void>> flush();
  size_t pending() const;

 private:
  using ByConversation = std::unordered_map<int64_t, int64_t>;

  loop::Loop& loop_;
  Database& db_;
  const loop::Millis interval_;
  const size_t limit_;
  size_t count_ = 0;
  std::unordered_map<int64_t, ByConversation> by_user_;
};

}  // namespace store
