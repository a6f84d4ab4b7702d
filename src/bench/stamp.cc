// See stamp.h.
#include "bench/stamp.h"

#include <charconv>

namespace bench {
namespace {

void append_number(std::string& out, int64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, static_cast<size_t>(end - digits));
}

// The number at the beginning of `text`, and the blank behind it, are taken away.
bool take_number(std::string_view& text, int64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end == text.data() + text.size() || *end != ' ') return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()) + 1);
  return true;
}

}  // namespace

void append_stamp(std::string& out, std::string_view run, const Stamp& stamp, size_t size) {
  const size_t begin = out.size();
  out.append(run) += ' ';
  append_number(out, stamp.number);
  out += ' ';
  append_number(out, stamp.due_us);
  out += ' ';
  const size_t used = out.size() - begin;
  if (used < size) out.append(size - used, 'x');
}

std::optional<Stamp> read_stamp(std::string_view text, std::string_view run) {
  if (text.size() <= run.size() || !text.starts_with(run) || text[run.size()] != ' ') return std::nullopt;
  text.remove_prefix(run.size() + 1);
  Stamp stamp;
  if (!take_number(text, stamp.number) || !take_number(text, stamp.due_us)) return std::nullopt;
  return stamp;
}

}  // namespace bench
