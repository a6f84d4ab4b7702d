// Store: what PostgreSQL holds of a run, read by SQL. It is the one part of chatbench that speaks with the
// database, before the load and after it, never meanwhile. It writes nothing there.
#pragma once

#include <memory>
#include <string>

#include "bench/check.h"

struct pg_conn;

namespace bench {

class Store {
 public:
  // Throws if it can't be reached. What was stored before now is none of the run's.
  explicit Store(std::string conninfo);
  ~Store();

  // Throws if it can't be read; waits a while for a database that is coming back.
  Stored read(const Names& names, const std::string& run);

 private:
  struct Finish {
    void operator()(pg_conn* connection) const;
  };

  void connect();
  void reconnect();

  const std::string conninfo_;
  std::unique_ptr<pg_conn, Finish> connection_;
  std::string since_;  // PostgreSQL's time
};

}  // namespace bench
