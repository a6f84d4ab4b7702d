// See address.h. The system's resolver does the work.
#include "client/address.h"

#include <netdb.h>

#include <cstring>
#include <memory>

#include "common/base/text.h"

namespace client {
namespace {

struct FreeInfo {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

base::Error wrong(std::string_view text) {
  return base::bad_field("HOST:PORT", "expected host:port or [ipv6]:port, got '" + base::escaped(text) + "'");
}

}  // namespace

std::string Address::text() const {
  const bool brackets = host.find(':') != std::string::npos;
  return (brackets ? "[" + host + "]" : host) + ":" + port;
}

base::Result<Address> parse_address(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return wrong(text);
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  const auto number = base::to_int(port);
  if (!number || *number < 1 || *number > 65535) return wrong(text);
  const bool brackets = host.front() == '[' && host.back() == ']' && host.size() > 2;
  if (brackets)
    host = host.substr(1, host.size() - 2);
  else if (host.find_first_of("[]:") != std::string_view::npos)
    return wrong(text);
  return Address{std::string(host), std::string(port)};
}

base::Result<std::vector<Endpoint>> resolve(const Address& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* raw = nullptr;
  const int error = getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &raw);
  const std::unique_ptr<addrinfo, FreeInfo> list(raw);
  if (error != 0) return base::unavailable(gai_strerror(error));
  std::vector<Endpoint> found;
  for (const addrinfo* info = list.get(); info != nullptr; info = info->ai_next) {
    Endpoint endpoint;
    std::memcpy(&endpoint.storage, info->ai_addr, info->ai_addrlen);
    endpoint.length = info->ai_addrlen;
    found.push_back(endpoint);
  }
  return found;
}

}  // namespace client
