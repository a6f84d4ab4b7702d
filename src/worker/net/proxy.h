// parse_proxy(): HAProxy's PROXY protocol, version 2, as the first bytes of a connection. Pure.
//
// Version 1, which is text, is refused: a listener speaks one protocol, and nothing is guessed. TLVs are
// checked to fit and skipped.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <string_view>

namespace net {

constexpr size_t longest_proxy_header = 536;

struct Proxy {
  enum class Status { need_more, bad, done };

  Status status = Status::need_more;
  const char* reason = "";  // bad: why
  size_t consumed = 0;      // done: the header's length
  // done: the client's address, AF_INET, AF_INET6 or AF_UNIX; AF_UNSPEC where the header names none, or the
  // proxy speaks for itself (LOCAL, a health check), so that the connection's own peer stands.
  sockaddr_storage source{};
};

Proxy parse_proxy(std::string_view bytes);

}  // namespace net
