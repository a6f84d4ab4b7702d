// Acks: gathers what clients acknowledge and writes it once in a while.
//
// Per (user, conversation) only the highest counts, so a thousand acks become one row. Losing some sends a
// few messages again and nothing else: that is why they may wait in memory. Owned by the worker.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "common/conf/settings.h"
#include "common/loop/scope.h"
#include "common/loop/wait.h"
#include "worker/store/database.h"

namespace store {

class Acks {
 public:
  Acks(loop::Loop& loop, Database& database, const conf::Settings& settings);
  ~Acks();

  void note(int64_t user, int64_t conv, int64_t seq);
  // Writes until told to stop; a worker's root task.
  loop::Task<void> run();
  // Writes what is there now, and waits for what others are writing: before a session's own question, and
  // before the worker leaves. What comes meanwhile is left to the next.
  loop::Task<base::Result<void>> flush();
  size_t pending() const;  // noted, and not being written

 private:
  using ByConversation = std::unordered_map<int64_t, int64_t>;
  using Row = std::array<int64_t, 3>;  // user, conversation, seq

  // A flush under way: in the order in which they began. At its end, or when it is cancelled, what it has not
  // written is noted again.
  struct Writing : loop::Link {
    explicit Writing(Acks& acks);
    ~Writing();
    pg::Params next() const;
    bool done() const { return written >= rows.size(); }
    Acks* acks;
    std::vector<Row> rows;
    size_t written = 0;
  };
  std::vector<Row> take();

  loop::Loop& loop_;
  Database& db_;
  const loop::Millis interval_;
  const size_t limit_;
  size_t count_ = 0;
  std::unordered_map<int64_t, ByConversation> by_user_;
  loop::Link writing_;
  loop::Signal ended_;
  uint64_t failures_ = 0;
};

}  // namespace store
