// Job: what one connection executes in one go, and how it ended.
//
// The queries of a job share one sync: without BEGIN they are one transaction. Shared by who waits for it
// and by the pool: if the waiter dies, the answer is read and dropped.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/error.h"
#include "common/loop/loop.h"
#include "worker/pg/params.h"
#include "worker/pg/rows.h"

namespace pg {

// Static: its address is its identity. Prepared on a connection at its first use there.
struct Statement {
  const char* name;
  const char* sql;
};

struct Query {
  const Statement* statement;
  Params params;
};

// How a job ended, as far as we can know.
enum class Fate : uint8_t {
  done,     // committed
  refused,  // it never reached the server
  failed,   // the server said no and rolled back: sqlstate
  unknown,  // sent, and no answer came
};

struct Outcome {
  Fate fate = Fate::refused;
  std::string sqlstate{};
  std::string detail{};
  std::vector<Rows> rows{};  // one for each query, if done

  // The server may say yes another time: a restart, a failover, a timeout, a deadlock.
  bool transient() const;
  // REQUIRES: fate != done. What a client is told of a failed read.
  base::Error error() const;
};

struct Job {
  std::vector<Query> queries;
  int64_t deadline_ms = 0;  // monotonic
  Outcome outcome{};
  loop::Waiter* waiter = nullptr;  // nobody waits any more: nullptr
  bool finished = false;           // outcome says how

  // The connection's notes: which answer is read now. Preparations come first, then the queries.
  std::vector<const Statement*> prepares{};
  size_t step = 0;

  size_t bytes() const;
};

}  // namespace pg
