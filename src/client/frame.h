// What the frames of the protocol say, as plain values: a message, a refusal. Pure; no state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "client/json.h"

namespace client {

// A reply that is not ok; also what this side makes of a connection that was lost (code `connection_lost`).
struct Refusal {
  std::string code;
  std::string detail;
  int64_t retry_ms = 0;

  // The same request may succeed later, unchanged.
  bool passing() const { return code == "rate_limited" || code == "busy" || code == "unavailable"; }
  std::string text() const;  // for a person: "code: detail", hostile bytes escaped
};

struct Reply {
  bool ok = false;
  Refusal refusal;             // where not ok
  const Json* body = nullptr;  // null: the connection was lost first
};

struct Message {
  std::string from;
  std::string to;  // "@user" or "#group"
  int64_t seq = 0;
  int64_t ts = 0;
  std::string text;
  std::string cid;
};

Reply read_reply(const Json& frame);
Reply lost_reply();

// nullopt where the frame lacks what a message has.
std::optional<Message> read_message(const Json& frame);

// The conversation, as `me` names it: `to` of a group or of my own message, otherwise who wrote.
std::string conversation(const Message& message, std::string_view me);

}  // namespace client
