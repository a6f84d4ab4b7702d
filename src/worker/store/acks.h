// Acks: gathers what clients acknowledge, and what people have read, and writes it once in a while.
//
// Per (user, conversation) only the highest counts, so a thousand acks become one row. Losing some sends a
// few messages again and nothing else: that is why they may wait in memory. What was read waits a shorter
// time, and where the mark has moved by it, on_read is told: so it is told of once, whatever worker wrote it.
// Owned by the worker.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/conf/settings.h"
#include "common/loop/scope.h"
#include "common/loop/wait.h"
#include "worker/store/database.h"

namespace store {

// Somebody has read further than before.
struct Read {
  int64_t user = 0;
  int64_t conv = 0;
  int64_t seq = 0;
  uint64_t session = 0;  // by which
  std::string name{};    // the user's
  std::string to{};      // the conversation as the user names it
  int64_t peer = 0;      // the other of two, or oneself; 0: a group
  int64_t members = 0;   // of the group
};

class Acks {
 public:
  using OnRead = std::function<void(const Read&)>;

  Acks(
      loop::Loop& loop, Database& database, const conf::Settings& settings,
      OnRead on_read = [](const Read&) {});
  ~Acks();

  void note(int64_t user, int64_t conv, int64_t seq);
  // The same, and it has been read.
  void note_read(int64_t user, int64_t conv, int64_t seq, uint64_t session);
  // Writes until told to stop; a worker's root task.
  loop::Task<void> run();
  // Writes what is there now, and waits for what others are writing: before a session's own question, and
  // before the worker leaves. What comes meanwhile is left to the next.
  loop::Task<base::Result<void>> flush();
  size_t pending() const;  // noted, and not being written

 private:
  struct Mark {
    int64_t received = 0;
    int64_t read = 0;
    uint64_t session = 0;  // the last that has read
  };
  using ByConversation = std::unordered_map<int64_t, Mark>;
  struct Row {
    int64_t user;
    int64_t conv;
    Mark mark;
  };

  // A flush under way: in the order in which they began. At its end, or when it is cancelled, what it has not
  // written is noted again.
  struct Writing : loop::Link {
    explicit Writing(Acks& acks);
    ~Writing();
    pg::Params next() const;
    uint64_t session(int64_t user, int64_t conv) const;
    bool done() const { return written >= rows.size(); }
    Acks* acks;
    std::vector<Row> rows;
    size_t written = 0;
  };
  std::vector<Row> take();
  void raise(int64_t user, int64_t conv, const Mark& mark);
  void tell(const pg::Rows& moved, const Writing& writing);

  loop::Loop& loop_;
  Database& db_;
  const OnRead on_read_;
  const loop::Millis interval_;
  const size_t limit_;
  size_t count_ = 0;
  std::unordered_map<int64_t, ByConversation> by_user_;
  loop::Link writing_;
  loop::Signal ended_;
  bool someone_read_ = false;
  loop::Signal read_noted_;
  uint64_t failures_ = 0;
};

}  // namespace store
