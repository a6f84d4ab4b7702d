// See handshake.h.
#include "worker/web/handshake.h"

#include <algorithm>

namespace web {
namespace {

bool same_letters(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [lower](char x, char y) { return lower(x) == lower(y); });
}

std::string_view host_of(std::string_view origin) {
  const size_t scheme = origin.find("://");
  return scheme == origin.npos ? std::string_view() : origin.substr(scheme + 3);
}

}  // namespace

bool origin_allowed(const net::HttpRequest& request, const std::vector<std::string>& allowed) {
  if (request.origin.empty()) return true;
  if (allowed.empty()) return same_letters(host_of(request.origin), request.host);
  return std::any_of(allowed.begin(), allowed.end(),
                     [&request](const std::string& one) { return same_letters(one, request.origin); });
}

int judge_handshake(const net::HttpRequest& request, const std::vector<std::string>& allowed) {
  if (request.method != "GET") return 405;
  if (!request.upgrade || request.websocket_version != "13") return 426;
  if (net::websocket_accept(request.websocket_key).empty()) return 400;
  if (request.wants_protocol && !request.wants_ours) return 400;
  return origin_allowed(request, allowed) ? 101 : 403;
}

}  // namespace web
