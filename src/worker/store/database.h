// Database: the store's connections to PostgreSQL, as every connection must be.
//
// Owned by the worker. Reads go through one pool; each lane of the batch has a pool of its own (one
// connection, one batch in flight). A database with another schema is fatal: the worker must not run.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/error.h"
#include "common/conf/settings.h"
#include "common/loop/task.h"
#include "worker/pg/pool.h"

namespace store {

class Database {
 public:
  // on_fatal is called once with the one message for the operator.
  Database(loop::Loop& loop, const conf::Settings& settings, std::function<void(std::string)> on_fatal);

  pg::Pool& reads() { return *reads_; }
  std::vector<std::unique_ptr<pg::Pool>>& lanes() { return lanes_; }
  bool up() const { return reads_->up(); }

  // One statement, or several in one transaction. A failure that is not the store's absence is logged.
  loop::Task<base::Result<pg::Rows>> query(const pg::Statement& statement, pg::Params params);
  loop::Task<base::Result<std::vector<pg::Rows>>> transaction(std::vector<pg::Query> queries);
  // A statement that takes a lock, and then, with a fresh snapshot, the change: its rows.
  loop::Task<base::Result<pg::Rows>> locked(const pg::Statement& lock, pg::Params key,
                                            const pg::Statement& change, pg::Params params);

 private:
  bool accept(const pg::Outcome& greeting);
  void fatal(const std::string& why);

  std::function<void(std::string)> on_fatal_;
  bool accepted_ = false;  // a connection, once
  std::unique_ptr<pg::Pool> reads_;
  std::vector<std::unique_ptr<pg::Pool>> lanes_;
};

}  // namespace store
