// See text.h. The UTF-8 check follows the table of well-formed sequences in the Unicode standard (3-7).
#include "common/base/text.h"

#include <charconv>
#include <cstring>

namespace base {
namespace {

unsigned char at(std::string_view s, size_t i) {
  return static_cast<unsigned char>(s[i]);
}

bool is_tail(std::string_view s, size_t i) {
  return i < s.size() && (at(s, i) & 0xC0) == 0x80;
}

// The length of the well-formed sequence at i, 0 if there is none.
size_t sequence_at(std::string_view s, size_t i) {
  const unsigned char c = at(s, i);
  if (c < 0x80) return 1;
  if (c < 0xC2 || c > 0xF4) return 0;
  if (!is_tail(s, i + 1)) return 0;
  if (c < 0xE0) return 2;
  const unsigned char d = at(s, i + 1);
  if (!is_tail(s, i + 2)) return 0;
  if (c < 0xF0) return (c == 0xE0 && d < 0xA0) || (c == 0xED && d > 0x9F) ? 0 : 3;
  if (!is_tail(s, i + 3)) return 0;
  return (c == 0xF0 && d < 0x90) || (c == 0xF4 && d > 0x8F) ? 0 : 4;
}

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

void append_escape(std::string& out, unsigned char c) {
  static constexpr char digits[] = "0123456789abcdef";
  out += "\\x";
  out += digits[c >> 4];
  out += digits[c & 15];
}

// Controls, C1 (U+0080..9F), line separators and bidirectional marks: they move cursors and forge lines.
bool is_hostile(std::string_view sequence) {
  const unsigned char c = at(sequence, 0);
  if (sequence.size() == 1) return c < 0x20 || c == 0x7F || c == '\\';
  if (sequence.size() == 2) return c == 0xC2 && at(sequence, 1) < 0xA0;
  if (c != 0xE2) return false;
  const unsigned char d = at(sequence, 1), e = at(sequence, 2);
  return (d == 0x80 && (e == 0x8E || e == 0x8F || (e >= 0xA8 && e <= 0xAE))) ||
         (d == 0x81 && e >= 0xA6 && e <= 0xA9);
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  size_t i = 0;
  while (i < bytes.size()) {
    uint64_t word;
    if (i + 8 <= bytes.size() && (std::memcpy(&word, bytes.data() + i, 8), !(word & 0x8080808080808080ULL))) {
      i += 8;  // eight ASCII bytes at once: most text is
      continue;
    }
    const size_t n = sequence_at(bytes, i);
    if (n == 0) return false;
    i += n;
  }
  return true;
}

bool is_name(std::string_view text) {
  if (text.empty() || text.size() > 32 || !is_name_start(text[0])) return false;
  for (char c : text)
    if (!is_name_start(c) && c != '_' && c != '.' && c != '-') return false;
  return true;
}

std::string escaped(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (size_t i = 0; i < bytes.size();) {
    const size_t n = sequence_at(bytes, i);
    const std::string_view sequence = bytes.substr(i, n == 0 ? 1 : n);
    if (n == 0 || is_hostile(sequence))
      for (char c : sequence) append_escape(out, static_cast<unsigned char>(c));
    else
      out += sequence;
    i += sequence.size();
  }
  return out;
}

std::optional<int64_t> to_int(std::string_view digits) {
  int64_t value = 0;
  const char* end = digits.data() + digits.size();
  if (digits.empty() || digits[0] == '-') return std::nullopt;
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::string to_hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (size_t i = 0; i < bytes.size(); ++i) {
    out += digits[at(bytes, i) >> 4];
    out += digits[at(bytes, i) & 15];
  }
  return out;
}

std::optional<std::string> from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string out(hex.size() / 2, '\0');
  for (size_t i = 0; i < out.size(); ++i) {
    unsigned value = 0;
    const char* p = hex.data() + 2 * i;
    const auto [stop, error] = std::from_chars(p, p + 2, value, 16);
    if (error != std::errc{} || stop != p + 2) return std::nullopt;
    out[i] = static_cast<char>(value);
  }
  return out;
}

}  // namespace base
