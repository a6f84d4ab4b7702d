// What may go wrong, as a value: Error and Result<T>.
//
// A failure that is expected (a peer, the database, input) travels as a Result; exceptions are for
// start-up and for bugs. The codes are those of the wire, so that a failure deep below becomes a reply
// without a translation table; wire/reply alone writes them. Nothing here allocates on success.
#pragma once

#include <cassert>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace base {

// In the order of the protocol's table of errors; base::name() gives the word on the wire.
enum class Code : uint8_t {
  bad_json,
  bad_frame,
  unknown_op,
  bad_field,
  too_large,
  text_too_long,
  not_logged_in,
  already_logged_in,
  bad_credentials,
  bad_token,
  name_taken,
  no_such_user,
  no_such_group,
  not_member,
  forbidden,
  blocked,
  group_full,
  too_many,
  rate_limited,
  busy,
  unavailable,
  internal,
};

std::string_view name(Code code);

struct Error {
  Code code = Code::internal;
  std::string detail{};   // for a person; never a secret, may hold bytes of the peer
  std::string subject{};  // bad_field: the field; group_full, too_many: the directive that limits
  int retry_ms = 0;       // rate_limited, busy, unavailable: when to try again
  bool maybe = false;     // unavailable: the outcome is open
};

// The shorthands that the code uses; each is one line so that a check reads as one sentence.
Error refusal(Code code, std::string_view detail, std::string_view subject = {});
Error bad_field(std::string_view field, std::string_view why);
Error unavailable(std::string_view why);
Error internal(std::string_view why);

// T or an Error. `if (!r) return r.error();` passes a failure on.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : v_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : v_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return v_.index() == 0; }
  // REQUIRES: *this holds a value.
  T& operator*() { return value(); }
  const T& operator*() const { return std::get<0>(v_); }
  T* operator->() { return &value(); }
  // REQUIRES: *this holds an error.
  Error& error() {
    assert(v_.index() == 1);
    return std::get<1>(v_);
  }

 private:
  T& value() {
    assert(v_.index() == 0);
    return std::get<0>(v_);
  }
  std::variant<T, Error> v_;
};

struct Done {};

// A Result without a value: `return base::ok();`
template <>
class [[nodiscard]] Result<void> : public Result<Done> {
 public:
  using Result<Done>::Result;
};

inline Result<void> ok() {
  return Result<void>(Done{});
}

}  // namespace base
