// Reply: a look at what Redis answered. It owns nothing and is valid during the callback it came by; what
// is kept is copied. A getter that does not fit the answer's type gives its empty value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

struct redisReply;

namespace redis {

class Reply {
 public:
  Reply() = default;
  explicit Reply(const redisReply* raw) : raw_(raw) {}

  // False: the connection broke before the answer came; whether the command was run is unknown.
  explicit operator bool() const { return raw_ != nullptr; }
  bool is_error() const;

  std::string_view text() const;  // of a string, a status or an error
  int64_t integer() const;
  size_t size() const;  // of an array
  Reply operator[](size_t index) const;

 private:
  const redisReply* raw_ = nullptr;
};

}  // namespace redis
