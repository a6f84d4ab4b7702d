// The line splitter: whole, in pieces of every size, at the limit and over it.
#include "worker/wire/frame.h"

#include <string>
#include <vector>

#include "tap.h"

namespace {

using wire::LineSplitter;
using Status = LineSplitter::Status;

// What comes out if `input` arrives `step` bytes at a time: "a|b|", "!" for too_large, "…N" for N bytes left.
std::string split(const std::string& input, size_t max, size_t step) {
  LineSplitter splitter(max);
  std::string buffer, out;
  for (size_t at = 0; at < input.size(); at += step) {
    buffer += input.substr(at, step);
    for (;;) {
      const auto found = splitter.next(buffer);
      if (found.status == Status::too_large) return out + "!";
      if (found.status == Status::line) out += std::string(found.line) + "|";
      buffer.erase(0, found.consumed);
      if (found.status == Status::more) break;
    }
  }
  return out + "+" + std::to_string(buffer.size());
}

struct Case {
  std::string input;
  std::string expected;
};

const std::vector<Case> cases = {
    {"", "+0"},
    {"a", "+1"},
    {"a\n", "a|+0"},
    {"a\r\n", "a|+0"},
    {"a\nbc\r\n", "a|bc|+0"},
    {"a\nbc", "a|+2"},
    {"\n", "+0"},
    {"\r\n\n\r\n\n", "+0"},
    {"\n\r\na\n\n\nb\n\n", "a|b|+0"},
    {"\r", "+1"},
    {"a\rb\n", "a\rb|+0"},
    {"a\r\r\n", "a\r|+0"},
    {"\r\r\n", "\r|+0"},
    {std::string("a\0b\n", 4), std::string("a\0b|+0", 6)},
    {"12345678\n", "12345678|+0"},
    {"12345678\r\n", "12345678|+0"},
    {"12345678", "+8"},
    {"12345678\r", "+9"},
    {"12345678\rx", "!"},
    {"12345678\r\r", "!"},
    {"123456789\n", "!"},
    {"123456789\r\n", "!"},
    {"123456789", "!"},
    {"a\n123456789", "a|!"},
    {"1234567\n1234567\n1234567\n", "1234567|1234567|1234567|+0"},
};

}  // namespace

int main() {
  for (const Case& c : cases)
    for (size_t step : {1, 2, 3, 5, 100})
      tap::is(split(c.input, 8, step), c.expected,
              "line of " + std::to_string(c.input.size()) + ", " + std::to_string(step) + " at a time");

  // A megabyte, byte by byte: quadratic work would be 5 * 10^11 steps and never end.
  LineSplitter splitter(1 << 20);
  std::string buffer(1 << 20, 'x');
  size_t more = 0;
  for (size_t n = 0; n <= buffer.size(); ++n)
    more += splitter.next(std::string_view(buffer).substr(0, n)).status == Status::more;
  tap::is(more, buffer.size() + 1, "a long line byte by byte");
  buffer += '\n';
  tap::is(splitter.next(buffer).line.size(), size_t{1 << 20}, "and its end");
  return tap::done();
}
