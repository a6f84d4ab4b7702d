// Sizes and times as an operator writes them: "64k", "16m", "250ms", "30s", "720h". Pure.
//
// A size is a whole number of bytes, or of k, m, g (1024 each). A time is a whole number with its unit,
// ms s m h; only 0 may stand bare. Nothing else is taken: no fraction, no upper case, no blank between.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace conf {

std::optional<int64_t> parse_size(std::string_view text);  // bytes
std::optional<int64_t> parse_time(std::string_view text);  // milliseconds

// In the greatest unit that leaves a whole number: 65536 is "64k", 90000 is "90s".
std::string print_size(int64_t bytes);
std::string print_time(int64_t ms);

}  // namespace conf
