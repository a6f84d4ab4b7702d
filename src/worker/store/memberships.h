// Memberships in the store, as delivery asks for them: in which groups a user is, and what has changed since
// an epoch or a moment. Owned by the worker.
#pragma once

#include <vector>

#include "worker/store/groups.h"

namespace store {

class Memberships {
 public:
  explicit Memberships(Database& database) : db_(database) {}

  // The groups of a user: conversation, epoch, and the seq after which the user receives.
  loop::Task<base::Result<std::vector<Membership>>> of(int64_t user);

  // What has changed in a group since an epoch, in order; `complete` is false where the record does not
  // reach back so far: then the members are asked for one by one.
  struct Changes {
    int64_t epoch = 0;  // the group's now
    bool complete = true;
    std::vector<Membership> changes{};
  };
  loop::Task<base::Result<Changes>> since(int64_t conv, int64_t epoch);
  // Which of these users are members now.
  loop::Task<base::Result<Changes>> among(int64_t conv, std::vector<int64_t> users);
  // All changes of the last `window_ms`.
  loop::Task<base::Result<std::vector<Membership>>> recent(int64_t window_ms);

 private:
  Database& db_;
};

}  // namespace store
