// See address.h. inet_pton() decides what an IP is: no short forms, no octal, no names.
#include "common/conf/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>

#include "common/base/text.h"
#include "common/conf/expected.h"

namespace conf {
namespace {

constexpr std::string_view address_forms = "IP:PORT, [IPv6]:PORT or unix:/PATH";
constexpr std::string_view network_forms = "an IP address, a network such as 10.0.0.0/8, or unix";

base::Result<Address> parse_unix(std::string_view path) {
  Address address;
  auto* un = reinterpret_cast<sockaddr_un*>(&address.storage);
  if (path.empty() || path[0] != '/') return expected("an absolute path after unix:");
  if (path.size() >= sizeof un->sun_path) return expected("a socket's path of at most 107 bytes");
  un->sun_family = AF_UNIX;
  std::memcpy(un->sun_path, path.data(), path.size());
  address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return address;
}

std::optional<uint16_t> parse_port(std::string_view text) {
  const std::optional<int64_t> port = base::to_int(text);
  if (!port || text.size() > 5 || *port < 1 || *port > 65535) return std::nullopt;
  return static_cast<uint16_t>(*port);
}

std::optional<Address> make_v4(const std::string& ip, uint16_t port) {
  Address address;
  auto* in = reinterpret_cast<sockaddr_in*>(&address.storage);
  if (inet_pton(AF_INET, ip.c_str(), &in->sin_addr) != 1) return std::nullopt;
  in->sin_family = AF_INET;
  in->sin_port = htons(port);
  address.size = sizeof *in;
  return address;
}

std::optional<Address> make_v6(const std::string& ip, uint16_t port) {
  Address address;
  auto* in = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (inet_pton(AF_INET6, ip.c_str(), &in->sin6_addr) != 1) return std::nullopt;
  in->sin6_family = AF_INET6;
  in->sin6_port = htons(port);
  address.size = sizeof *in;
  return address;
}

// The bytes of an IP peer, an IPv4 one seen through IPv6 as IPv4.
struct Bytes {
  int family = AF_UNSPEC;
  std::array<uint8_t, 16> ip{};
};

Bytes bytes_of(const sockaddr* peer) {
  Bytes bytes{peer->sa_family, {}};
  if (peer->sa_family == AF_INET) {
    std::memcpy(bytes.ip.data(), &reinterpret_cast<const sockaddr_in*>(peer)->sin_addr, 4);
  } else if (peer->sa_family == AF_INET6) {
    const in6_addr& ip = reinterpret_cast<const sockaddr_in6*>(peer)->sin6_addr;
    const bool mapped = IN6_IS_ADDR_V4MAPPED(&ip);
    bytes.family = mapped ? AF_INET : AF_INET6;
    std::memcpy(bytes.ip.data(), ip.s6_addr + (mapped ? 12 : 0), mapped ? 4 : 16);
  }
  return bytes;
}

bool equal_bits(const std::array<uint8_t, 16>& a, const std::array<uint8_t, 16>& b, int bits) {
  const auto whole = static_cast<size_t>(bits / 8);
  if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
  if (bits % 8 == 0) return true;
  return ((a[whole] ^ b[whole]) >> (8 - bits % 8)) == 0;
}

std::string print_ip(int family, const void* ip) {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(family, ip, text, sizeof text);
  return text;
}

}  // namespace

base::Result<Address> parse_address(std::string_view text) {
  if (text.starts_with("unix:")) return parse_unix(text.substr(5));
  const size_t colon = text.rfind(':');
  if (colon == text.npos || text.find('\0') != text.npos) return expected(address_forms);
  const std::optional<uint16_t> port = parse_port(text.substr(colon + 1));
  std::string ip(text.substr(0, colon));
  std::optional<Address> address;
  if (port && ip.size() > 2 && ip.front() == '[' && ip.back() == ']')
    address = make_v6(ip.substr(1, ip.size() - 2), *port);
  else if (port)
    address = make_v4(ip, *port);
  if (!address) return expected(address_forms);
  return *address;
}

std::string print_address(const sockaddr* address, socklen_t size) {
  if (address->sa_family == AF_INET) {
    const auto* in = reinterpret_cast<const sockaddr_in*>(address);
    return print_ip(AF_INET, &in->sin_addr) + ":" + std::to_string(ntohs(in->sin_port));
  }
  if (address->sa_family == AF_INET6) {
    const auto* in = reinterpret_cast<const sockaddr_in6*>(address);
    return "[" + print_ip(AF_INET6, &in->sin6_addr) + "]:" + std::to_string(ntohs(in->sin6_port));
  }
  const auto* un = reinterpret_cast<const sockaddr_un*>(address);
  const size_t head = offsetof(sockaddr_un, sun_path);
  return size > head ? "unix:" + std::string(un->sun_path, strnlen(un->sun_path, size - head)) : "unix:";
}

std::string print_address(const Address& address) {
  return print_address(address.get(), address.size);
}

std::string client_network(const sockaddr* peer) {
  Bytes bytes = bytes_of(peer);
  if (bytes.family == AF_INET) return print_ip(AF_INET, bytes.ip.data());
  if (bytes.family != AF_INET6) return "unix";
  std::fill(bytes.ip.begin() + 8, bytes.ip.end(), uint8_t{0});
  return print_ip(AF_INET6, bytes.ip.data()) + "/64";
}

bool Cidr::contains(const sockaddr* peer) const {
  const Bytes bytes = bytes_of(peer);
  if (bytes.family != family) return false;
  return family == AF_UNIX || equal_bits(prefix, bytes.ip, bits);
}

base::Result<Cidr> parse_cidr(std::string_view text) {
  if (text == "unix") return Cidr{AF_UNIX, {}, 0};
  const size_t slash = text.find('/');
  const std::string ip(text.substr(0, slash));
  std::optional<Address> address = make_v4(ip, 0);
  if (!address) address = make_v6(ip, 0);
  if (!address || text.find('\0') != text.npos) return expected(network_forms);
  const int full = address->family() == AF_INET ? 32 : 128;
  const std::optional<int64_t> bits = slash == text.npos ? full : base::to_int(text.substr(slash + 1));
  if (!bits || *bits > full) return expected(network_forms);
  const Bytes bytes = bytes_of(address->get());
  if (bytes.family != address->family()) return expected("an IPv4 network in its own form");
  return Cidr{bytes.family, bytes.ip, static_cast<int>(*bits)};
}

TrustedPeers::TrustedPeers(const std::vector<std::string>& networks) {
  for (const std::string& text : networks)
    if (const base::Result<Cidr> network = parse_cidr(text)) networks_.push_back(*network);
}

bool TrustedPeers::contains(const sockaddr* peer) const {
  return std::any_of(networks_.begin(), networks_.end(),
                     [peer](const Cidr& network) { return network.contains(peer); });
}

}  // namespace conf
