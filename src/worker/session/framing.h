// Framing: how frames lie in the bytes of one connection: lines over TCP, messages over WebSocket. What is
// above sees frames, whatever they came by.
//
// Owned by a session, and reads and writes its stream. It knows nothing of what is in a frame.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "worker/net/stream.h"
#include "worker/wire/event.h"

namespace session {

class Framing {
 public:
  explicit Framing(net::Stream& stream) : stream_(stream) {}
  virtual ~Framing() = default;
  Framing(const Framing&) = delete;

  enum class Status {
    more,       // no whole frame yet
    frame,      // `frame` is one
    too_large,  // over max_frame, whole or not: answer, and close
    ended,      // the peer has said its last word, or broke the transport's rules: nothing is read any more
  };
  struct Found {
    Status status = Status::more;
    std::string_view frame{};  // valid until the next call
    bool heard = false;        // the peer has said something whole
    bool begun = false;        // a frame has begun that is not whole
  };
  virtual Found next(int64_t now_ms) = 0;
  virtual void write(const std::string& frame) = 0;
  // The last word, where the transport has one. why: that of the session's own goodbye, if it said one.
  virtual void end(std::optional<wire::Reason> why) = 0;

 protected:
  net::Stream& stream_;
};

std::unique_ptr<Framing> line_framing(net::Stream& stream, size_t max_frame);
std::unique_ptr<Framing> websocket_framing(net::Stream& stream, size_t max_frame);

}  // namespace session
