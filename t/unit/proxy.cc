// The PROXY header: each command and family, cut at every byte, and what is refused.
#include "worker/net/proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <string>
#include <vector>

#include "tap.h"

namespace {

using net::Proxy;
using Status = Proxy::Status;
using namespace std::string_literals;

std::string header(int command, int family, const std::string& block) {
  std::string out = "\r\n\r\n\0\r\nQUIT\n"s;
  out += static_cast<char>(command);
  out += static_cast<char>(family);
  out += static_cast<char>(block.size() >> 8);
  out += static_cast<char>(block.size() & 255);
  return out + block;
}

std::string tlv(int type, const std::string& value) {
  return std::string{static_cast<char>(type), static_cast<char>(value.size() >> 8),
                     static_cast<char>(value.size() & 255)} +
         value;
}

const std::string block_4 = "\xC0\x00\x02\x01\x7F\x00\x00\x01\x30\x39\x1F\x40"s;
const std::string block_6 =
    "\x20\x01\x0D\xB8"s + std::string(11, '\0') + "\x07"s + std::string(15, '\0') + "\x01\xFF\xFE\x1F\x40"s;
std::string path(const std::string& name) {
  return name + std::string(108 - name.size(), '\0');
}
const std::string block_unix = path("/run/client") + path("/run/chatd");

std::string shown(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
    return text + (":" + std::to_string(ntohs(in.sin_port)));
  }
  if (address.ss_family == AF_INET6) {
    const auto& in = reinterpret_cast<const sockaddr_in6&>(address);
    inet_ntop(AF_INET6, &in.sin6_addr, text, sizeof text);
    return "[" + std::string(text) + "]:" + std::to_string(ntohs(in.sin6_port));
  }
  if (address.ss_family == AF_UNIX) return reinterpret_cast<const sockaddr_un&>(address).sun_path;
  return "unspecified";
}

std::string verdict(const std::string& bytes) {
  const Proxy p = net::parse_proxy(bytes);
  if (p.status == Status::need_more) return "more";
  if (p.status == Status::bad) return std::string("bad: ") + p.reason;
  return "from " + shown(p.source) + " " + std::to_string(p.consumed);
}

void good(const std::string& bytes, const std::string& expected, const std::string& name) {
  tap::is(verdict(bytes), expected, name);
  tap::is(verdict(bytes + "{\"op\":\"ping\"}\n"), expected, "  with a frame behind it");
  bool more = true;
  for (size_t n = 0; n < bytes.size(); ++n) more = more && verdict(bytes.substr(0, n)) == "more";
  tap::ok(more, "  cut anywhere, more is needed");
}

void bad(const std::string& bytes, const std::string& reason, const std::string& name) {
  tap::is(verdict(bytes), "bad: " + reason, name);
}

void accepted() {
  good(header(0x21, 0x11, block_4), "from 192.0.2.1:12345 28", "TCP over IPv4");
  good(header(0x21, 0x21, block_6), "from [2001:db8::7]:65534 52", "TCP over IPv6");
  good(header(0x21, 0x31, block_unix), "from /run/client 232", "a unix socket");
  good(header(0x21, 0x00, ""), "from unspecified 16", "a family that is not named");
  good(header(0x21, 0x00, "whatever"), "from unspecified 24", "and what it carries is skipped");
  good(header(0x20, 0x00, ""), "from unspecified 16", "LOCAL");
  good(header(0x20, 0x11, block_4), "from unspecified 28", "LOCAL with addresses: they are not used");
  good(header(0x20, 0xFF, "xyz"), "from unspecified 19", "LOCAL with any family");
  good(header(0x21, 0x11, block_4 + tlv(4, "") + tlv(0x20, "abc")), "from 192.0.2.1:12345 37", "TLVs");
  good(header(0x21, 0x11, block_4 + tlv(4, std::string(505, 'x'))), "from 192.0.2.1:12345 536", "536 bytes");
}

void refused() {
  const std::string sig = "no PROXY v2 signature";
  bad("PROXY TCP4 192.0.2.1 127.0.0.1 1 2\r\n", sig, "version 1");
  bad("P", sig, "its first byte");
  bad("{\"op\":\"ping\"}\n", sig, "no header");
  bad("\n", sig, "an empty line");
  bad("\r\n\r\n\r\n", sig, "empty lines");
  bad("\r\n\r\n\0\r\nQUIX"s, sig, "a signature that is wrong at its end");
  for (int command : {0x11, 0x01, 0x31, 0x22, 0x2F, 0x00})
    bad(header(command, 0x11, block_4), "unknown version or command", "command " + std::to_string(command));
  bad(header(0x21, 0, "").substr(0, 12) + "\x11", "unknown version or command", "told at the first byte");
  for (int family : {0x01, 0x10, 0x12, 0x13, 0x22, 0x32, 0x41, 0xFF})
    bad(header(0x21, family, block_unix), "unknown address family or no stream",
        "family " + std::to_string(family));
  const std::string brief = "too short for its addresses";
  bad(header(0x21, 0x11, block_4.substr(1)), brief, "IPv4 cut short");
  bad(header(0x21, 0x11, ""), brief, "IPv4 without any");
  bad(header(0x21, 0x21, block_4), brief, "IPv6 with a block of IPv4");
  bad(header(0x21, 0x31, block_6), brief, "unix with a block of IPv6");
  const std::string over = "a TLV runs over the end";
  bad(header(0x21, 0x11, block_4 + "\x04"), over, "one byte of a TLV");
  bad(header(0x21, 0x11, block_4 + "\x04\x00"s), over, "two bytes of a TLV");
  bad(header(0x21, 0x11, block_4 + "\x04\x00\x01"s), over, "a TLV without its value");
  bad(header(0x21, 0x11, block_4 + tlv(4, "ab") + "\x04\xFF\xFF"s), over, "a TLV that is too long");
  bad(header(0x21, 0x11, block_4 + tlv(4, std::string(506, 'x'))), "over 536 bytes", "537 bytes");
  bad(header(0x21, 0x11, std::string(65535, 'x')), "over 536 bytes", "65551 bytes");
  bad(header(0x20, 0x00, std::string(65535, 'x')).substr(0, 16), "over 536 bytes",
      "told by its length alone");
}

}  // namespace

int main() {
  accepted();
  refused();
  return tap::done();
}
