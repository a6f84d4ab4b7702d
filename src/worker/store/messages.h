// Messages, as they are read back from the store: a stretch of one conversation in the order of seq.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "worker/store/database.h"
#include "worker/store/send.h"

namespace store {

struct Message {
  int64_t seq = 0;
  int64_t ts = 0;      // Unix ms
  std::string from{};  // a user's name
  std::string to{};    // with its mark
  std::string text{};
  std::string cid{};   // empty: there was none
  std::string key{};   // 16 bytes, of its sending, which its sender alone knows it by; empty in a history
  int64_t sender = 0;  // 0 in a history
};

struct Page {
  std::vector<Message> messages{};
  bool more = false;  // there may be more above
  int64_t epoch = 0;  // of the conversation's membership, when it was read
};

class Messages {
 public:
  explicit Messages(Database& database) : db_(database) {}

  // The oldest above `after`, in order: at most `limit`, and no more than fit into `bytes` of text, but for
  // the first, so that an answer has a bound whatever people write. For a user who is no member: nothing;
  // user 0: for whoever is.
  loop::Task<base::Result<Page>> after(int64_t conv, int64_t after, int64_t limit, int64_t bytes,
                                       int64_t user);

  // Whether a message with its sender's key is stored.
  loop::Task<base::Result<Standing>> standing(int64_t conv, int64_t sender, std::string key);

  // What history asks: the newest below `before`, or the oldest above `after`; -1: not given. At most
  // `limit`, and no more than fit into `bytes` of text, but for the first. In ascending order either way.
  loop::Task<base::Result<Page>> history(int64_t conv, int64_t before, int64_t after, int64_t limit,
                                         int64_t bytes);

 private:
  Database& db_;
};

}  // namespace store
