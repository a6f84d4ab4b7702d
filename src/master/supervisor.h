// Supervisor: the generations and their workers: starts, watches, replaces and ends them.
//
// Owned by the master, driven by its loop: reap() when a child has ended, turn() at every round. It forks
// and it kills; it never waits.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "master/cycle.h"
#include "master/process_table.h"

namespace master {

class Supervisor {
 public:
  // A worker has this long to obey TERM, then it is killed.
  static constexpr int64_t term_ms = 3000;
  // A worker that is starting may take longer than worker_timeout before its loop first comes round.
  static constexpr int64_t start_ms = 10000;

  // The newest generation from here on: its workers start in the next turn(), and the older ones retire
  // when all of them are ready.
  void add(std::unique_ptr<Cycle> cycle);
  // The newest that is not retiring. REQUIRES: !all_gone().
  Cycle& current() const;
  bool reloading() const;  // an older generation serves until the newest is ready
  bool any_ready() const;

  void reap();
  void turn(int64_t now);
  int64_t next_turn(int64_t now) const;  // ms until turn() is wanted again

  // All workers of all generations; none is started any more.
  void stop_all(Told how);
  void pass_on(int signal);
  bool all_gone() const { return cycles_.empty(); }
  // A worker said that no other would fare better, and there is no older generation to fall back on.
  const std::optional<std::string>& fatal() const { return fatal_; }

 private:
  Cycle& cycle_of(const Process& process) const;
  ipc::Slot& slot_of(const Process& process) const;
  void start(Process& process, int64_t now);
  [[noreturn]] void become_worker(Cycle& cycle, int slot, int channel_fd, pid_t master);
  void ended(Process& process, int status);
  void give_up(Cycle& cycle, const std::string& why);
  void retire(Cycle& cycle, Told how);
  void retire_older();
  void tell(Process& process, Told how, int64_t now);
  void check(Process& process, int64_t now);
  void forget_gone_cycles();

  std::vector<std::unique_ptr<Cycle>> cycles_;  // oldest first
  ProcessTable table_;
  std::optional<std::string> fatal_;
  int64_t last_turn_ = 0;
  int64_t fair_from_ = 0;  // silence before this is our own fault
};

}  // namespace master
