// A message as everybody sees it: the same bytes, whether it is live or read from the store.
#pragma once

#include <string>

#include "worker/store/messages.h"
#include "worker/store/send.h"
#include "worker/wire/event.h"

namespace delivery {

// The views are into the message.
inline wire::Message to_wire(const store::Message& message) {
  wire::Message event;
  event.from = message.from;
  event.to = message.to;
  event.seq = message.seq;
  event.ts = message.ts;
  event.text = message.text;
  event.cid = message.cid;
  return event;
}

inline std::string to_event(const store::Message& message) {
  return wire::message_event(to_wire(message));
}

inline std::string to_event(const store::Send& send, const store::Sent& sent) {
  wire::Message event;
  event.from = send.from;
  event.to = send.to;
  event.seq = sent.seq;
  event.ts = sent.ts;
  event.text = send.text;
  event.cid = send.cid;
  return wire::message_event(event);
}

}  // namespace delivery
