// Addresses and networks: what parses, in which form it comes back, who is trusted.
#include "common/conf/address.h"

#include <netinet/in.h>
#include <sys/un.h>

#include <string>
#include <utility>
#include <vector>

#include "common/base/text.h"
#include "tap.h"

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// "" stands for refused.
std::string round_trip(const std::string& text) {
  base::Result<conf::Address> address = conf::parse_address(text);
  return address ? conf::print_address(*address) : "";
}

void parses() {
  const Pairs pairs = {{"127.0.0.1:6001", "127.0.0.1:6001"},
                       {"0.0.0.0:1", "0.0.0.0:1"},
                       {"255.255.255.255:65535", "255.255.255.255:65535"},
                       {"1.2.3.4:05", "1.2.3.4:5"},
                       {"[::1]:6001", "[::1]:6001"},
                       {"[0:0::1]:6001", "[::1]:6001"},
                       {"[::ffff:1.2.3.4]:1", "[::ffff:1.2.3.4]:1"},
                       {"unix:/run/chatd/s", "unix:/run/chatd/s"},
                       {"unix:/" + std::string(106, 'a'), "unix:/" + std::string(106, 'a')}};
  for (const auto& [text, printed] : pairs) tap::is(round_trip(text), printed, text);
}

void refuses() {
  const std::vector<std::string> wrong = {"",
                                          "6001",
                                          ":6001",
                                          "127.0.0.1",
                                          "127.0.0.1:",
                                          "127.0.0.1:0",
                                          "1.2.3.4:65536",
                                          "1.2.3.4:-1",
                                          "1.2.3.4:+1",
                                          "1.2.3.4: 1",
                                          "1.2.3.4:1x",
                                          "1.2.3:1",
                                          "01.2.3.4:1",
                                          "localhost:1",
                                          "*:1",
                                          "::1:6001",
                                          "[::1]",
                                          "[::1]:",
                                          "[]:1",
                                          "[1.2.3.4]:1",
                                          "[fe80::1%lo]:1",
                                          "[::1:1",
                                          "unix:",
                                          "unix:run/s",
                                          "unix:@s",
                                          "/run/s",
                                          "1.2.3.4:000001",
                                          "unix:/" + std::string(107, 'a'),
                                          std::string("1.2.3.4\0:1", 10)};
  for (const std::string& text : wrong)
    tap::is(round_trip(text), std::string(), "not an address: " + base::escaped(text.substr(0, 20)));
}

void sizes() {
  tap::ok(conf::parse_address("1.2.3.4:5")->size == sizeof(sockaddr_in), "an IPv4 address has its size");
  tap::ok(conf::parse_address("[::1]:5")->size == sizeof(sockaddr_in6), "an IPv6 address has its size");
  tap::ok(conf::parse_address("1.2.3.4:5")->family() == AF_INET, "family");
  sockaddr_un nameless{};
  nameless.sun_family = AF_UNIX;
  const auto* peer = reinterpret_cast<const sockaddr*>(&nameless);
  tap::is(conf::print_address(peer, sizeof nameless.sun_family), std::string("unix:"),
          "a nameless unix peer");
}

bool trusted(const std::vector<std::string>& networks, const std::string& peer) {
  return conf::TrustedPeers(networks).contains(conf::parse_address(peer)->get());
}

void networks() {
  tap::ok(trusted({"127.0.0.0/8"}, "127.255.0.1:1"), "127.0.0.0/8 has 127.255.0.1");
  tap::ok(!trusted({"127.0.0.0/8"}, "128.0.0.1:1"), "but not 128.0.0.1");
  tap::ok(trusted({"10.0.0.1"}, "10.0.0.1:1"), "a plain address is itself");
  tap::ok(!trusted({"10.0.0.1"}, "10.0.0.2:1"), "and nobody else");
  tap::ok(trusted({"10.0.3.77/23"}, "10.0.2.1:1"), "bits past the prefix do not count");
  tap::ok(!trusted({"10.0.3.77/23"}, "10.0.4.1:1"), "bits of the prefix do");
  tap::ok(trusted({"0.0.0.0/0"}, "9.9.9.9:1"), "/0 is everybody");
  tap::ok(!trusted({"0.0.0.0/0"}, "[2001:db8::1]:1"), "of its family");
  tap::ok(trusted({"2001:db8::/33"}, "[2001:db8:7fff::1]:1"), "an odd IPv6 prefix");
  tap::ok(!trusted({"2001:db8::/33"}, "[2001:db8:8000::1]:1"), "ends where it ends");
  tap::ok(trusted({"::1/128"}, "[::1]:1"), "::1/128 has ::1");
  tap::ok(trusted({"10.0.0.0/8"}, "[::ffff:10.1.1.1]:1"), "IPv4 through IPv6 counts as IPv4");
  tap::ok(!trusted({"::/0"}, "[::ffff:10.1.1.1]:1"), "and not as IPv6");
  tap::ok(trusted({"unix"}, "unix:/s"), "unix trusts unix sockets");
  tap::ok(!trusted({"unix"}, "127.0.0.1:1"), "and nobody else");
  tap::ok(!trusted({"127.0.0.0/8"}, "unix:/s"), "an IP network has no unix socket");
  tap::ok(!trusted({}, "127.0.0.1:1"), "no network, no trust");
  tap::ok(trusted({"::1", "10.0.0.0/8", "unix"}, "10.9.9.9:1"), "one of several is enough");
}

void wrong_networks() {
  for (const char* text : {"", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0/8",
                           "localhost", "/8", "::ffff:10.0.0.0/104", "10.0.0.0/8/8", "Unix"})
    tap::ok(!conf::parse_cidr(text), std::string("not a network: ") + text);
}

}  // namespace

int main() {
  parses();
  refuses();
  sizes();
  networks();
  wrong_networks();
  return tap::done();
}
