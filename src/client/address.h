// Address: HOST:PORT as a person writes it, and the socket addresses that it stands for.
// Names are looked up once, when asked to resolve: that may block, so it is done before the first turn.
#pragma once

#include <sys/socket.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/base/error.h"

namespace client {

struct Endpoint {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

struct Address {
  std::string host;
  std::string port;

  std::string text() const;  // as it is written: brackets around an IPv6 host
};

// "host:port", "1.2.3.4:8000", "[::1]:8000"; the port a number from 1 to 65535.
base::Result<Address> parse_address(std::string_view text);

// At least one endpoint, or why there is none.
base::Result<std::vector<Endpoint>> resolve(const Address& address);

}  // namespace client
