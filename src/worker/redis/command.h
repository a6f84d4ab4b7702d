// A Redis command in its wire form, built without hiredis' formatter: publishing is the hottest thing a
// worker does with Redis, so a buffer is reused and nothing is parsed. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace redis {

// Replaces `out` by the command whose words are `args`, the verb first; they may hold any bytes.
void format_command(std::string& out, std::span<const std::string_view> args);

}  // namespace redis
