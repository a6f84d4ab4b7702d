// WebSocket: RFC 6455's frames, by wslay, in both directions. Pure: bytes in, messages and bytes out.
//
// Owned by a session's framing. It takes one frame at a time from what has arrived, so that its caller
// decides how much is read; a message grows as its bytes come, never by what a header declares. Between
// messages it holds nothing of wslay, so that an idle connection costs no buffer. The handshake is not here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace net {

class WebSocket {
 public:
  // The status codes of a Close frame that are used here (RFC 6455, 7.4; 1012 is IANA's).
  enum Code : uint16_t {
    normal = 1000,
    going_away = 1001,
    protocol_error = 1002,
    unsupported = 1003,
    bad_text = 1007,
    policy = 1008,
    too_big = 1009,
    internal = 1011,
    service_restart = 1012,
  };
  // Pings, pongs and empty fragments from one peer in flood_ms; more are a flood. Clients that ping do so
  // every few seconds.
  static constexpr int flood = 100;
  static constexpr int64_t flood_ms = 10000;

  using Out = std::function<void(std::string_view)>;

  explicit WebSocket(size_t max_message);
  ~WebSocket();
  WebSocket(const WebSocket&) = delete;

  enum class Status {
    more,       // no whole message yet
    message,    // `message` is one of text, valid until the next call
    too_large,  // it would be longer than max_message: nothing more is read
    ended,      // the peer's Close has come, or it broke the rules: nothing more is read
  };
  struct Found {
    Status status = Status::more;
    std::string_view message{};
    size_t consumed = 0;  // bytes of `input` that are done with, with any status
    bool heard = false;   // a whole frame has come, be it a ping
  };
  // `input` is what has arrived and was not consumed. Pongs go to `out` at once. now_ms: a monotonic clock.
  Found next(std::string_view input, int64_t now_ms, const Out& out);
  // A message has begun, or a frame, and is not yet whole.
  bool begun() const { return reader_ != nullptr; }

  // A message of text as one frame.
  static void write(std::string_view message, const Out& out);
  // The last frame: it answers the peer's Close, or says what the peer did wrong, or else carries `code`.
  void close(Code code, const Out& out);

 private:
  struct Reader;

  Found take(std::string_view input, const Out& out);
  bool flooded(int64_t now_ms);

  const size_t max_;
  std::unique_ptr<Reader> reader_;  // only while something is begun
  std::string message_;
  std::string last_words_;  // the Close frame that is due
  Status over_ = Status::more;
  int idle_frames_ = 0;
  int64_t counted_from_ = 0;
};

}  // namespace net
