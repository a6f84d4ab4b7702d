// See proxy.h. Layout: 12 bytes of signature, version and command, family and transport, length of the
// rest (16 bits, big-endian), addresses by the family, TLVs.
#include "worker/net/proxy.h"

#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace net {
namespace {

constexpr std::string_view signature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr size_t fixed_size = 16;

enum : unsigned char { version_2_local = 0x20, version_2_proxy = 0x21 };
enum : unsigned char { unspecified = 0x00, tcp_over_4 = 0x11, tcp_over_6 = 0x21, unix_stream = 0x31 };

// Both ends' addresses together.
constexpr size_t size_4 = 12, size_6 = 36, size_unix = 216;

unsigned char byte_at(std::string_view bytes, size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

size_t big_endian_16(std::string_view bytes, size_t i) {
  return static_cast<size_t>(byte_at(bytes, i)) << 8 | byte_at(bytes, i + 1);
}

Proxy bad(const char* reason) {
  Proxy result;
  result.status = Proxy::Status::bad;
  result.reason = reason;
  return result;
}

// Source address, destination address, source port, destination port.
void read_4(std::string_view block, sockaddr_storage& source) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  std::memcpy(&in.sin_addr, block.data(), 4);
  std::memcpy(&in.sin_port, block.data() + 8, 2);
  std::memcpy(&source, &in, sizeof in);
}

void read_6(std::string_view block, sockaddr_storage& source) {
  sockaddr_in6 in{};
  in.sin6_family = AF_INET6;
  std::memcpy(&in.sin6_addr, block.data(), 16);
  std::memcpy(&in.sin6_port, block.data() + 32, 2);
  std::memcpy(&source, &in, sizeof in);
}

// Two paths of 108 bytes each, filled up with NUL.
void read_unix(std::string_view block, sockaddr_storage& source) {
  sockaddr_un un{};
  static_assert(sizeof un.sun_path == size_unix / 2);
  un.sun_family = AF_UNIX;
  std::memcpy(un.sun_path, block.data(), sizeof un.sun_path);
  std::memcpy(&source, &un, sizeof un);
}

bool tlvs_fit(std::string_view block) {
  while (!block.empty()) {
    if (block.size() < 3) return false;
    const size_t size = 3 + big_endian_16(block, 1);
    if (size > block.size()) return false;
    block.remove_prefix(size);
  }
  return true;
}

// REQUIRES: the command is PROXY. Null if the block is good, else why it is not.
const char* read_block(unsigned char family, std::string_view block, sockaddr_storage& source) {
  struct Kind {
    unsigned char family;
    size_t size;
    void (*read)(std::string_view, sockaddr_storage&);
  };
  static constexpr Kind kinds[] = {
      {tcp_over_4, size_4, read_4}, {tcp_over_6, size_6, read_6}, {unix_stream, size_unix, read_unix}};
  if (family == unspecified) return nullptr;  // what follows has no form to check
  for (const Kind& kind : kinds) {
    if (kind.family != family) continue;
    if (block.size() < kind.size) return "too short for its addresses";
    if (!tlvs_fit(block.substr(kind.size))) return "a TLV runs over the end";
    kind.read(block, source);
    return nullptr;
  }
  return "unknown address family or no stream";
}

}  // namespace

Proxy parse_proxy(std::string_view bytes) {
  const size_t seen = std::min(bytes.size(), signature.size());
  if (bytes.substr(0, seen) != signature.substr(0, seen)) return bad("no PROXY v2 signature");
  if (bytes.size() > signature.size()) {
    const unsigned char command = byte_at(bytes, 12);
    if (command != version_2_local && command != version_2_proxy) return bad("unknown version or command");
  }
  if (bytes.size() < fixed_size) return {};
  const size_t size = fixed_size + big_endian_16(bytes, 14);
  if (size > longest_proxy_header) return bad("over 536 bytes");
  if (bytes.size() < size) return {};

  Proxy result;
  if (byte_at(bytes, 12) == version_2_proxy) {
    const std::string_view block = bytes.substr(fixed_size, size - fixed_size);
    if (const char* reason = read_block(byte_at(bytes, 13), block, result.source)) return bad(reason);
  }
  result.status = Proxy::Status::done;
  result.consumed = size;
  return result;
}

}  // namespace net
