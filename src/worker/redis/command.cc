// See command.h. The form is RESP's array of bulk strings: *N, then $LENGTH and the bytes of each.
#include "worker/redis/command.h"

#include <charconv>

namespace redis {
namespace {

void append_head(std::string& out, char mark, size_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out += mark;
  out.append(digits, end);
  out += "\r\n";
}

}  // namespace

void format_command(std::string& out, std::span<const std::string_view> args) {
  out.clear();
  append_head(out, '*', args.size());
  for (const std::string_view arg : args) {
    append_head(out, '$', arg.size());
    out += arg;
    out += "\r\n";
  }
}

}  // namespace redis
