// Conversations in the store: who talks with whom, and where a reader stands.
//
// A conversation of two is made by its first message's sender, or found; its id never changes, so both are
// cached. Owned by the worker.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/conf/settings.h"
#include "worker/store/cache.h"
#include "worker/store/database.h"

namespace store {

// A conversation of two as one of them names it. peer is the user's own id for notes to oneself.
struct Direct {
  int64_t conv = 0;  // 0: nobody has written yet
  int64_t peer = 0;
};

// A conversation in which a user has not been sent, or has not acknowledged, what lies above `from`.
struct Waiting {
  int64_t conv = 0;
  int64_t from = 0;  // everything up to here is the user's already
  int64_t last = 0;  // the newest message
};

// A conversation in which something was committed lately.
struct Recent {
  int64_t conv = 0;
  int64_t low = 0, high = 0;  // its users; 0, 0: a group
  int64_t last = 0;
};

// A line of a user's list of conversations.
struct Overview {
  std::string conv{};  // as the user names it
  int64_t last_seq = 0;
  int64_t recv_seq = 0;
  int64_t read_seq = 0;
  int64_t order = 0;   // what the list is sorted by: the last message's time, or the group's creation; ms
  std::string from{};  // of the last message; empty: there is none
  std::string text{};
  int64_t ts = 0;
};

// Where a list goes on: below this line. The default is above all.
struct OverviewPlace {
  int64_t order = INT64_MAX;
  std::string conv{};
};

// For whom to ask: what was committed after `since` is the reader's even if another device has
// acknowledged it.
struct Reader {
  int64_t user = 0;
  int64_t since = 0;  // when the session was accepted, Unix µs of the store's clock
};

struct Positions {
  int64_t head = 0;             // the newest seq
  std::vector<int64_t> from{};  // everything up to here is the reader's already
};

class Conversations {
 public:
  Conversations(Database& database, const conf::Settings& settings);

  // no_such_user if there is none of that name. Without `make`, conv is 0 where nobody has written.
  loop::Task<base::Result<Direct>> direct(int64_t user, std::string peer_name, bool make);
  // The same from the cache alone; conv 0 if it is not there.
  Direct cached_direct(int64_t user, const std::string& peer_name);

  // The newest seq.
  loop::Task<base::Result<int64_t>> head(int64_t conv);

  // What waits for a user, by conversation above `after`, at most `limit`.
  loop::Task<base::Result<std::vector<Waiting>>> waiting(Reader reader, int64_t after, int64_t limit);
  // How far a conversation has come, and where each reader stands, in the order asked.
  loop::Task<base::Result<Positions>> positions(int64_t conv, std::vector<Reader> readers);
  // A user's conversations of two with a message in them, and all groups, newest first, ties by name.
  loop::Task<base::Result<std::vector<Overview>>> list(int64_t user, OverviewPlace below, int64_t limit);
  // What was committed in the last `window_ms`.
  loop::Task<base::Result<std::vector<Recent>>> recent(int64_t window_ms);

 private:
  struct PairHash {
    size_t operator()(const std::pair<int64_t, int64_t>& pair) const {
      return static_cast<size_t>(pair.first) * 0x9E3779B97F4A7C15ULL ^ static_cast<size_t>(pair.second);
    }
  };
  loop::Task<base::Result<int64_t>> make_direct(int64_t low, int64_t high);
  void remember(int64_t user, int64_t peer, int64_t conv);

  Database& db_;
  Cache<std::string, int64_t> ids_;
  Cache<std::pair<int64_t, int64_t>, int64_t, PairHash> pairs_;
};

}  // namespace store
