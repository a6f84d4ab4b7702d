// Envelope: what travels through Redis in front of an event's bytes, so that the worker that receives it
// knows all it needs without parsing JSON. Fixed layout, little-endian:
//
//   byte 0 version, 1 kind, then eight bytes each: origin, conv, seq, epoch, from, to; then the event.
//
// Pure. Nothing that comes out of Redis is believed: what does not decode is dropped.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bus {

enum class Kind : uint8_t {
  message = 1,        // a `message` event
  beat = 2,           // a worker lives; nothing but the origin counts
  goodbye = 3,        // a worker ends, and has told all it had to tell
  missed = 4,         // a worker could not tell of messages while it had lost Redis; the rest is delivery's
  joined = 5,         // `to` has become a member of the group `conv`; seq is where it begins to receive
  left = 6,           // `to` is none any more; 0: nobody is, the group is gone
  event = 7,          // an event for `to`; where `to` is 0, for the members of the group `conv` but `from`
  moved = 8,          // users have come or gone: their ids, see encode_ids, are the event
  contacts = 9,       // `to` has other contacts than before, or others have it
  session_came = 10,  // `to` has logged in, by that worker's session `conv`, at `seq` by the store's clock
  session_left = 11,  // that one has ended
};

struct Envelope {
  Kind kind = Kind::message;
  uint64_t origin = 0;  // the random id of the worker that published it
  int64_t conv = 0;
  int64_t seq = 0;
  int64_t epoch = 0;  // the conversation's membership epoch at the commit
  int64_t from = 0;   // a user
  int64_t to = 0;     // a user; 0: the conversation is a group
};

struct Decoded {
  Envelope envelope;
  std::string_view event;  // into the bytes that were decoded
};

std::string encode(const Envelope& envelope, std::string_view event);
// nullopt: another version, an unknown kind, cut short, or numbers that no worker of ours writes.
std::optional<Decoded> decode(std::string_view bytes);

// Eight bytes each. What is no id is left out.
std::string encode_ids(std::span<const int64_t> ids);
std::vector<int64_t> decode_ids(std::string_view bytes);

}  // namespace bus
