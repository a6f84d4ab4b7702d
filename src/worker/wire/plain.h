// plain_end(): how far a run of bytes goes that mean themselves inside a JSON string. Shared by the
// reader and the writer, since both spend most of their time in it; eight bytes at a time.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace wire {

inline bool is_plain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

// True if one of the eight bytes is a control, a quote or a backslash. UTF-8 is plain.
inline bool has_special(uint64_t word) {
  constexpr uint64_t ones = 0x0101010101010101ULL, tops = 0x8080808080808080ULL;
  const uint64_t quote = word ^ (ones * '"'), slash = word ^ (ones * '\\');
  return ((((word - ones * 0x20) & ~word) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) & tops) !=
         0;
}

// The first byte at or after i that is not plain, or the end.
inline size_t plain_end(std::string_view s, size_t i) {
  for (uint64_t word; i + sizeof word <= s.size(); i += sizeof word) {
    std::memcpy(&word, s.data() + i, sizeof word);
    if (has_special(word)) break;
  }
  while (i < s.size() && is_plain(s[i])) ++i;
  return i;
}

}  // namespace wire
