// Send: one message on its way into the store, and how it ended.
//
// Shared by the batch that carries it and the session that waits for its reply: a write, once begun,
// outlives who asked for it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/base/error.h"
#include "common/loop/loop.h"

namespace store {

// What was asked.
struct Send {
  int64_t conv = 0;
  int64_t sender = 0;
  int64_t peer = 0;    // the other of two; 0: a group
  std::string from{};  // the sender's name
  std::string to{};    // with its mark
  std::string text{};
  std::string cid{};     // the client's; empty: none
  std::string key{};     // 16 bytes: a hash of the cid, or random
  uint64_t session = 0;  // which gets the reply and not the event
};

// What the store made of it.
struct Sent {
  int64_t seq = 0;
  int64_t ts = 0;          // Unix ms
  int64_t epoch = 0;       // of the conversation's membership, when it was committed
  bool duplicate = false;  // the same key had been there: these are the first one's
};

// What is known of a message that is not to be stored now.
struct Standing {
  Sent first{};         // seq 0: it is not stored
  bool allowed = true;  // whether its sender may write there
};

struct PendingSend {
  Send send;
  base::Result<Sent> result = base::internal("pending");
  bool answered = false;    // result stands
  bool in_doubt = false;    // it was sent to the server once, and no answer came
  int64_t deadline_ms = 0;  // monotonic; the client is answered by then
  loop::Waiter* waiter = nullptr;
  std::vector<std::shared_ptr<PendingSend>> followers{};  // the same key again: they share its fate

  size_t bytes() const { return send.text.size() + send.cid.size() + 64; }
};

}  // namespace store
