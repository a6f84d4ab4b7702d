// plain_numbers(): writes the numbers of a JSON text anew, so that cJSON reads them by their exact value.
//
// cJSON cuts a number after 63 characters and then chokes on the rest, and a double takes
// 1.00000000000000000001 for 1. Frames with such numbers are rare, and pay for it here.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wire {

constexpr size_t longest_plain_number = 60;

// The same text, but every number that is a whole one stands as plain digits, any other one as 0.5, and
// any with over 18 digits as 1e999 or -1e999: the protocol has a use for none of these.
// REQUIRES: scan(json) took it.
std::string plain_numbers(std::string_view json);

}  // namespace wire
