// Addresses in text: "IP:PORT", "[IP6]:PORT", "unix:/PATH" for sockets, "10.0.0.0/8", "::1", "unix" for
// peers that are trusted. Pure: no name is ever looked up, so nothing here can block.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/error.h"

namespace conf {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  int family() const { return storage.ss_family; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// The error's detail says what was expected.
base::Result<Address> parse_address(std::string_view text);

// In one form for each address, so that equal addresses are equal texts: "[::1]:6001".
std::string print_address(const Address& address);
// The same for what accept() filled in; "unix:" for a peer without a path.
std::string print_address(const sockaddr* address, socklen_t size);

// Whose limits a client shares: its IPv4 address, its IPv6 network of 64 bits (one customer's), or "unix".
std::string client_network(const sockaddr* peer);

// An IP network, or every unix socket. A plain address is a network of its full length.
struct Cidr {
  int family = AF_UNSPEC;            // AF_INET, AF_INET6 or AF_UNIX
  std::array<uint8_t, 16> prefix{};  // network order; the first 4 bytes for AF_INET
  int bits = 0;

  bool contains(const sockaddr* peer) const;
};

base::Result<Cidr> parse_cidr(std::string_view text);

// The peers that may speak for others (proxy_trusted).
class TrustedPeers {
 public:
  // REQUIRES: every text has passed parse_cidr, as those of Settings have; others are left out.
  explicit TrustedPeers(const std::vector<std::string>& networks);

  // An IPv4 peer seen through an IPv6 socket (::ffff:10.0.0.1) counts as IPv4.
  bool contains(const sockaddr* peer) const;

 private:
  std::vector<Cidr> networks_;
};

}  // namespace conf
