// Bench: a whole run, as its parent process sees it: users, load processes, the time that is measured, the
// progress line, the outcome. It talks to no server while the load runs.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "bench/outcome.h"
#include "bench/scenario.h"
#include "bench/store.h"

namespace bench {

class Bench {
 public:
  Bench(Options options, const Kind& kind, Targets targets, Processes processes);
  ~Bench();

  // Throws std::runtime_error if it can't be done.
  Outcome run();
  const Options& options() const { return options_; }
  const Processes& processes() const { return processes_; }

 private:
  void enrol();
  void spawn();
  void wait_ready();
  void measure(Outcome& outcome);
  bool all_begun() const;
  void drain();
  void collect(Outcome& outcome);
  void finish();
  void verify(Outcome& outcome);

  void wait_until(int64_t at_us);
  void check_children();
  void progress(int64_t now);
  Sample counted() const;
  Sample sample(bool memory) const;

  Options options_;
  const Kind& kind_;
  Targets targets_;
  Processes processes_;
  Plan plan_;
  std::string name_;  // of this run
  Users users_;
  std::unique_ptr<Names> names_;
  std::unique_ptr<Store> store_;  // with --verify
  std::vector<base::Fd> journals_;
  std::unique_ptr<Board> board_;
  std::vector<pid_t> children_;
  int64_t began_us_ = 0;
  int64_t next_line_us_ = 0;
  std::array<int64_t, count_names.size()> last_counts_{};
  std::array<Histogram, latency_words.size()> last_latency_;
};

}  // namespace bench
