// Scenario: what the connections of one load process do. One is made in each load process, after the fork,
// and is driven by it (load.h): turn() until ready(), start(), turn() until the parent says stop.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/board.h"
#include "bench/journal.h"
#include "bench/options.h"
#include "bench/poller.h"
#include "bench/targets.h"
#include "bench/users.h"

namespace bench {

// What is the same for all load processes of a run, and was made before they were.
struct Run {
  const Options& options;
  const Targets& targets;
  const Users& users;
  const std::string& name;  // marks the texts of this run
  Board& board;
  size_t parts;  // load processes
  const Names& names;
  const std::vector<base::Fd>& journals;  // a file for each; none without --verify
};

// Which share of the talking is one process's: share `index` of `parts`; none of 0.
struct Lane {
  size_t index = 0;
  size_t parts = 0;
};

// What a load process has; it outlives its scenario.
struct Context {
  Context(const Run& common, size_t place, Poller& waiting)
      : options(common.options),
        targets(common.targets),
        users(common.users),
        run(common.name),
        board(common.board),
        part(common.board.parts()[place]),
        poller(waiting),
        index(place),
        parts(common.parts) {
    if (!common.journals.empty())
      journal = std::make_unique<Journal>(common.journals[place].get(), common.names);
  }

  const Options& options;
  const Targets& targets;
  const Users& users;
  const std::string& run;
  Board& board;
  Part& part;
  Poller& poller;
  const size_t index;  // of this process
  const size_t parts;
  std::unique_ptr<Journal> journal;  // with --verify

  // Its lane, if only the first `talking` processes have anybody who talks.
  Lane lane(size_t talking) const {
    const size_t lanes = std::min(parts, talking);
    return index < lanes ? Lane{index, lanes} : Lane{};
  }
  // Is what was due then to be measured?
  bool measured(int64_t due_us) const {
    const Control& control = board.control();
    return due_us >= control.from_us.load(std::memory_order_relaxed) &&
           due_us < control.to_us.load(std::memory_order_relaxed);
  }
  bool over(int64_t now) const { return now >= board.control().to_us.load(std::memory_order_relaxed); }
};

class Scenario {
 public:
  virtual ~Scenario() = default;
  // Does what is due, and says when it wants to be called again at the latest.
  virtual int64_t turn(int64_t now) = 0;
  // Everybody is logged in, and where they are to be.
  virtual bool ready() const = 0;
  virtual void start(int64_t at_us) = 0;
};

// What is known of a scenario beforehand.
struct Plan {
  size_t users = 0;        // that must be there
  size_t connections = 0;  // at the same time, of all processes
  size_t spreads = 0;      // messages whose way to all members is followed
  size_t apart = 0;        // load processes more than the connections need
  bool sends = false;      // messages, which --verify may look after
  std::string_view unit;   // what CPU time is shared out among; empty: nothing
};

struct Kind {
  std::string_view name;
  Plan (*plan)(const Options&);
  std::unique_ptr<Scenario> (*make)(Context&);
};

// nullptr if there is none of this name.
const Kind* find_scenario(std::string_view name);

}  // namespace bench
