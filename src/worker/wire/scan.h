// scan(): is this exactly one JSON text by RFC 8259, and one that nothing behind us can misread?
//
// It runs before cJSON, which takes trailing junk, a BOM, raw controls, bad UTF-8 and `01`, and which cuts
// a string at NUL. So scan() is the only judge of what is JSON. It reads bytes and allocates nothing.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wire {

constexpr int max_depth = 16;  // of objects and arrays; the frame itself is 1

struct Scan {
  const char* error = nullptr;  // a short reason, null if the text is good
  size_t offset = 0;            // of the offending byte
  bool odd_numbers = false;     // there is a fraction, an exponent or a very long number: see number.h

  explicit operator bool() const { return error == nullptr; }
  std::string detail() const;  // "reason at byte N"
};

Scan scan(std::string_view text);

}  // namespace wire
