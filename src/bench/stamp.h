// Stamp: what a message's text carries for its receivers: of which run it is, its number there, and when it
// was due. Padded to the size asked for; without a character that JSON would escape. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bench {

struct Stamp {
  static constexpr size_t longest = 64;  // bytes that it may need

  int64_t number = 0;
  int64_t due_us = 0;
};

// Appends "RUN NUMBER DUE xxx…", at least `size` bytes of it.
void append_stamp(std::string& out, std::string_view run, const Stamp& stamp, size_t size);
// nullopt: the text is none of this run's.
std::optional<Stamp> read_stamp(std::string_view text, std::string_view run);

}  // namespace bench
