// HTTP/1.1 as far as a chat server needs it: the head of a request, by Boost.Beast, and what the WebSocket
// handshake computes. Pure. The only place that includes Boost, for its headers take seconds to compile.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace net {

constexpr size_t longest_head = 8192;  // what browsers send is about a kilobyte, cookies of others included

// What is looked at; header fields that are absent are empty.
struct HttpRequest {
  std::string method{};
  std::string target{};    // as it was sent: path and query
  int version = 11;        // or 10
  bool ambiguous = false;  // a field is given twice that decides something
  bool keep_alive = false;
  bool has_body = false;
  bool takes_gzip = false;
  bool upgrade = false;  // GET, HTTP/1.1, Connection: upgrade, Upgrade: websocket
  std::string host{};
  std::string origin{};
  std::string if_none_match{};
  std::string websocket_version{};
  std::string websocket_key{};
  bool wants_protocol = false;  // Sec-WebSocket-Protocol was sent
  bool wants_ours = false;      // … and holds the one of here
};

constexpr std::string_view websocket_protocol = "chatd.v1";

// One head. Fed with what has arrived and was not consumed, as often as it takes.
class HttpHead {
 public:
  HttpHead();
  ~HttpHead();

  enum class Status { more, bad, too_long, done };
  struct Found {
    Status status = Status::more;
    size_t consumed = 0;  // with any status
  };
  Found feed(std::string_view input);
  // REQUIRES: done.
  HttpRequest request() const;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
  size_t taken_ = 0;  // bytes of this head so far
};

// Sec-WebSocket-Accept for this key; empty if it is not 16 bytes in base64.
std::string websocket_accept(std::string_view key);

}  // namespace net
