// See targets.h.
#include "bench/targets.h"

namespace bench {
namespace {

constexpr size_t per_source = 10000;  // their successors in a storm need as many ports more
constexpr in_addr_t most_sources = 250;

bool is_loopback(const client::Endpoint& endpoint) {
  if (endpoint.storage.ss_family != AF_INET) return false;
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(endpoint.storage);
  return ntohl(v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

}  // namespace

base::Result<Targets> Targets::resolve(const std::vector<client::Address>& addresses) {
  Targets targets;
  for (const client::Address& address : addresses) {
    auto found = client::resolve(address);
    if (!found) return base::unavailable(address.text() + ": " + found.error().detail);
    targets.endpoints_.push_back(found->front());
  }
  return targets;
}

Route Targets::route(size_t which, size_t nth) const {
  Route route;
  route.to = endpoints_[which % endpoints_.size()];
  const auto source = static_cast<in_addr_t>(nth / per_source % most_sources);
  if (source > 0 && is_loopback(route.to)) route.from = htonl(INADDR_LOOPBACK + source);
  return route;
}

}  // namespace bench
