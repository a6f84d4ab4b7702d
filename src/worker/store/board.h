// Board: what workers leave for each other in the store, for Redis may be away, from all or from one. Each
// looks once every poll_interval, and one question brings everything: whose sessions have been revoked, and
// which other workers are mute: unable to tell of what they commit, so that it has to be asked for.
//
// Owned by the worker. Who revokes writes its row with the tokens (users.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "worker/store/database.h"

namespace store {

struct Revocation {
  int64_t user_id = 0;
  int64_t at = 0;  // the store's clock; Unix µs
};

// Another worker, and for how long it has been mute.
struct Mute {
  uint64_t origin = 0;
  int64_t age_ms = 0;
};

class Board {
 public:
  explicit Board(Database& database) : db_(database) {}

  struct News {
    std::vector<Revocation> revocations{};
    std::vector<Mute> mute{};
  };
  // Revocations of the last `revoked_ms`, and who was mute in the last `mute_ms`, or is; but `origin`, who
  // asks. To be told the same twice is harmless.
  loop::Task<base::Result<News>> look(uint64_t origin, int64_t revoked_ms, int64_t mute_ms);
  // This worker has been mute for `age_ms`, and is for another `lease_ms` unless it says so again, or unmute.
  loop::Task<base::Result<void>> mute(uint64_t origin, int64_t age_ms, int64_t lease_ms);
  loop::Task<base::Result<void>> unmute(uint64_t origin);
  // What is old goes.
  loop::Task<base::Result<void>> sweep();

 private:
  Database& db_;
};

}  // namespace store
