// The words of the codes, in the order of the enum.
#include "common/base/error.h"

#include <array>

namespace base {
namespace {

constexpr std::array<std::string_view, 22> names = {
    "bad_json",      "bad_frame",     "unknown_op",        "bad_field",       "too_large",
    "text_too_long", "not_logged_in", "already_logged_in", "bad_credentials", "bad_token",
    "name_taken",    "no_such_user",  "no_such_group",     "not_member",      "forbidden",
    "blocked",       "group_full",    "too_many",          "rate_limited",    "busy",
    "unavailable",   "internal",
};
static_assert(names.size() == static_cast<size_t>(Code::internal) + 1);

// A second is long enough for a failover to make progress, short enough that nobody notices it.
constexpr int retry_ms = 1000;

}  // namespace

std::string_view name(Code code) {
  return names[static_cast<size_t>(code)];
}

Error refusal(Code code, std::string_view detail, std::string_view subject) {
  Error e;
  e.code = code;
  e.detail = detail;
  e.subject = subject;
  return e;
}

Error bad_field(std::string_view field, std::string_view why) {
  return refusal(Code::bad_field, std::string(field) + ": " + std::string(why), field);
}

Error unavailable(std::string_view why) {
  Error e = refusal(Code::unavailable, why);
  e.retry_ms = retry_ms;
  return e;
}

Error internal(std::string_view why) {
  return refusal(Code::internal, why);
}

}  // namespace base
