// See framing.h.
#include "worker/session/framing.h"

#include <utility>

#include "worker/net/websocket.h"
#include "worker/wire/frame.h"

namespace session {
namespace {

class LineFraming final : public Framing {
 public:
  LineFraming(net::Stream& stream, size_t max_frame) : Framing(stream), splitter_(max_frame) {}

  Found next(int64_t) override {
    stream_.consume(std::exchange(to_consume_, 0));
    const auto line = splitter_.next(stream_.input());
    Found found;
    found.heard = line.consumed > 0;
    if (line.status == wire::LineSplitter::Status::line) {
      to_consume_ = line.consumed;  // the frame is looked at first
      found.status = Status::frame;
      found.frame = line.line;
      return found;
    }
    stream_.consume(line.consumed);
    if (line.status == wire::LineSplitter::Status::too_large) found.status = Status::too_large;
    found.begun = !stream_.input().empty();
    return found;
  }

  void write(const std::string& frame) override {
    stream_.write(frame);
    stream_.write("\n");
  }

  void end(std::optional<wire::Reason>) override {}

 private:
  wire::LineSplitter splitter_;
  size_t to_consume_ = 0;
};

net::WebSocket::Code code_of(wire::Reason reason) {
  switch (reason) {
    case wire::Reason::reload:
      return net::WebSocket::service_restart;
    case wire::Reason::shutdown:
      return net::WebSocket::going_away;
    case wire::Reason::too_large:
      return net::WebSocket::too_big;
    case wire::Reason::logged_out:
    case wire::Reason::replaced:
      return net::WebSocket::normal;
    case wire::Reason::idle:
    case wire::Reason::slow:
    case wire::Reason::bad_frames:
    case wire::Reason::auth_timeout:
      return net::WebSocket::policy;
  }
  return net::WebSocket::internal;
}

class WebSocketFraming final : public Framing {
 public:
  WebSocketFraming(net::Stream& stream, size_t max_frame) : Framing(stream), socket_(max_frame) {}

  Found next(int64_t now_ms) override {
    const auto message = socket_.next(stream_.input(), now_ms, out());
    stream_.consume(message.consumed);
    Found found;
    found.status = status_of(message.status);
    found.frame = message.message;
    found.heard = message.heard;
    found.begun = socket_.begun();
    return found;
  }

  void write(const std::string& frame) override { net::WebSocket::write(frame, out()); }

  void end(std::optional<wire::Reason> why) override {
    socket_.close(why ? code_of(*why) : net::WebSocket::normal, out());
  }

 private:
  static Status status_of(net::WebSocket::Status status) {
    switch (status) {
      case net::WebSocket::Status::more:
        return Status::more;
      case net::WebSocket::Status::message:
        return Status::frame;
      case net::WebSocket::Status::too_large:
        return Status::too_large;
      case net::WebSocket::Status::ended:
        break;
    }
    return Status::ended;
  }

  net::WebSocket::Out out() {
    return [this](std::string_view bytes) { stream_.write(bytes); };
  }

  net::WebSocket socket_;
};

}  // namespace

std::unique_ptr<Framing> line_framing(net::Stream& stream, size_t max_frame) {
  return std::make_unique<LineFraming>(stream, max_frame);
}

std::unique_ptr<Framing> websocket_framing(net::Stream& stream, size_t max_frame) {
  return std::make_unique<WebSocketFraming>(stream, max_frame);
}

}  // namespace session
