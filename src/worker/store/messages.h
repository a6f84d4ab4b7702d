// Messages, as they are read back from the store: a stretch of one conversation in the order of seq.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "worker/store/database.h"

namespace store {

struct Message {
  int64_t seq = 0;
  int64_t ts = 0;      // Unix ms
  std::string from{};  // a user's name
  std::string to{};    // with its mark
  std::string text{};
  std::string cid{};  // empty: there was none
};

struct Page {
  std::vector<Message> messages{};
  bool more = false;  // there may be more above
};

class Messages {
 public:
  explicit Messages(Database& database) : db_(database) {}

  // The oldest above `after`, in order: at most `limit`, and no more than fit into `bytes` of text, but for
  // the first, so that an answer has a bound whatever people write.
  loop::Task<base::Result<Page>> after(int64_t conv, int64_t after, int64_t limit, int64_t bytes);

 private:
  Database& db_;
};

}  // namespace store
