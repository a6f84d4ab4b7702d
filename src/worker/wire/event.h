// Events: what the server says unasked, as the bytes of a frame without the line's end. A message is
// serialised once; the same bytes go to everybody.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "worker/wire/writer.h"

namespace wire {

struct Hello {
  std::string_view server{};  // "chatd/0.1.0"
  std::string_view node{};
  int64_t max_frame = 0;      // bytes
  int64_t ping_interval = 0;  // seconds
};
std::string hello_event(const Hello& hello);

struct Message {
  std::string_view from{};  // a user's name, without its mark
  std::string_view to{};    // "@user" or "#group"
  int64_t seq = 0;
  int64_t ts = 0;  // ms
  std::string_view text{};
  std::string_view cid{};  // empty for none
};
std::string message_event(const Message& message);
// The members alone, into an open object: as history gives a message.
void write_message(Writer& out, const Message& message);

std::string synced_event();

// `conv` as the receiver names it, `by` a user's name.
std::string read_event(std::string_view conv, std::string_view by, int64_t seq);
std::string typing_event(std::string_view conv, std::string_view by);
std::string presence_event(std::string_view name, bool online, std::optional<int64_t> last_seen);

struct GroupEvent {
  std::string_view group{};  // with its mark
  std::string_view by{};
  std::string_view change{};
  std::string_view name{};  // empty: none
  std::string_view role{};  // empty: none
  std::optional<std::string> topic{};
  std::optional<bool> open{};
};
std::string group_event(const GroupEvent& event);

enum class Reason {
  reload,
  shutdown,
  idle,
  slow,
  logged_out,
  replaced,
  too_large,
  bad_frames,
  auth_timeout,
};
std::string_view name(Reason reason);
std::string closing_event(Reason reason, std::optional<int64_t> reconnect_ms = std::nullopt);

}  // namespace wire
