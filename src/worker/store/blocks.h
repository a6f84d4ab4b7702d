// Blocks in the store: who does not want to hear from whom. Each holds both ways.
//
// A block is a row of its own, and a mark on the conversation of the two, made under the lock that every
// batch of messages takes: when it is answered nothing more is committed, and the right to send costs no
// look-up. Owned by the worker.
#pragma once

#include "common/conf/settings.h"
#include "worker/store/conversations.h"
#include "worker/store/database.h"

namespace store {

class Blocks {
 public:
  Blocks(Database& database, const conf::Settings& settings, Conversations& conversations)
      : db_(database), settings_(settings), conversations_(conversations) {}

  // no_such_user, too_many; ok if it was so already.
  loop::Task<base::Result<void>> add(int64_t user, std::string name);
  // no_such_user; ok if it was so already.
  loop::Task<base::Result<void>> remove(int64_t user, std::string name);
  // Has one of the two blocked the other?
  loop::Task<base::Result<bool>> between(Direct direct);

 private:
  loop::Task<base::Result<pg::Rows>> locked(int64_t conv, const pg::Statement& change, pg::Params params);

  Database& db_;
  const conf::Settings& settings_;
  Conversations& conversations_;
};

}  // namespace store
