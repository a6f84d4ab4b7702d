// Small questions about bytes: is it UTF-8, is it a name, how does it look in a log. Pure; no locale.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace base {

// Well-formed UTF-8 by RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF.
bool is_utf8(std::string_view bytes);

// A user's or group's name without its mark: 1 to 32 of a-z 0-9 _ . -, the first a letter or a digit.
bool is_name(std::string_view text);

// For logs and terminals: what is not printable UTF-8 (controls, C1, escapes, line ends, bidirectional
// overrides) becomes \xNN, so that hostile bytes can't forge a line or move a cursor.
std::string escaped(std::string_view bytes);

// A whole decimal number and nothing else; nullopt on junk, sign or overflow.
std::optional<int64_t> to_int(std::string_view digits);

std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view hex);

}  // namespace base
