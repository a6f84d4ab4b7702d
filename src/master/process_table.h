// ProcessTable: which workers there are or shall be, and when to start each. Pure bookkeeping: the caller
// forks, kills and tells the time.
//
// A worker that had lived is replaced at once. One that dies young is too, the first time; then it waits
// 2 s, 4 s, ... up to respawn_delay_max, until one lives. So a crash at every start costs next to nothing.
#pragma once

#include <sys/types.h>

#include <algorithm>
#include <cstdint>
#include <list>
#include <optional>

#include "common/base/fd.h"

namespace master {

// What a worker has been told: to drain, or to leave at once.
enum class Told : uint8_t { nothing, quit, term };

struct Process {
  int generation = 0;
  int slot = 0;
  pid_t pid = 0;  // 0: not running
  base::Fd channel{};
  int64_t started = 0;
  int64_t start_at = 0;  // while not running: when to start it
  int64_t delay = 0;     // what its last death in youth made it wait
  bool died_young = false;
  Told told = Told::nothing;
  int64_t deadline = 0;  // when told: it is told more plainly then
  bool killed = false;   // by us: its death is no surprise
};

class ProcessTable {
 public:
  static constexpr int64_t first_delay_ms = 2000;
  static constexpr int64_t young_ms = 2000;  // so that no slot is started more often than backoff allows

  // A worker to be started at once.
  void add(int generation, int slot, int64_t now);
  // Null if nothing is due.
  Process* due(int64_t now);
  std::optional<int64_t> next_start() const;
  void started(Process& process, pid_t pid, base::Fd channel, int64_t now);
  // It has ended, or could not be started: plans its successor. Who was told to leave has none: *this
  // forgets it. True if it comes again.
  bool ended(Process& process, int64_t now, int64_t delay_max);
  // Starts no more workers of this generation.
  void cancel(int generation);

  Process* find(pid_t pid);
  bool empty() const { return all_.empty(); }
  bool has(int generation) const;
  std::list<Process>& all() { return all_; }
  const std::list<Process>& all() const { return all_; }

 private:
  std::list<Process> all_;
};

}  // namespace master
