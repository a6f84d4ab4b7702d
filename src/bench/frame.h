// Frame: the fields of a server's frame that chatbench looks at, as views of the line; nothing is copied,
// no tree is built. A load program that shares its machine with the server must cost less than it.
//
// Any JSON object is understood. Texts stay as they were on the wire: chatbench's own names and texts hold
// nothing that is escaped.
#pragma once

#include <cstdint>
#include <string_view>

namespace bench {

struct Frame {
  enum class Ok : uint8_t { absent, no, yes };

  Ok ok = Ok::absent;
  int64_t id = -1;
  int64_t seq = -1;
  int64_t ping_interval = -1;
  int64_t retry_ms = -1;
  int64_t reconnect_ms = -1;
  std::string_view event{};
  std::string_view op{};
  std::string_view error{};
  std::string_view detail{};
  std::string_view from{};
  std::string_view to{};
  std::string_view text{};
  std::string_view token{};
  std::string_view reason{};
};

// False if the line is no JSON object.
bool read_frame(std::string_view line, Frame& frame);

}  // namespace bench
