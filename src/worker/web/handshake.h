// The opening handshake of WebSocket (RFC 6455, 4.2): is this request one, may its page do it, and what is
// said back. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "worker/net/http.h"

namespace web {

// A request without Origin comes from no browser: nothing to check. One with must be of the same host as
// the request, or, where there are `allowed`, one of those.
bool origin_allowed(const net::HttpRequest& request, const std::vector<std::string>& allowed);

// 101, or the status that says what is wrong with it.
int judge_handshake(const net::HttpRequest& request, const std::vector<std::string>& allowed);

}  // namespace web
