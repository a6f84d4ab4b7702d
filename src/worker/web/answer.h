// Answer: what an HTTP request gets: a file of the page, an error, or the connection as a WebSocket. Pure.
//
// The head is made anew for each answer; a body is a view of what all workers share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/files/folder.h"
#include "worker/net/http.h"

namespace web {

struct Answer {
  int status = 0;
  std::string head{};       // with its empty line
  std::string_view body{};  // of the folder, or of the program
  bool keep_alive = false;
  bool websocket = false;  // 101: frames follow
};

// What the answers depend on; it outlives them.
struct Site {
  const files::Folder& files;
  const std::vector<std::string>& origins;  // empty: the page's own host
};

constexpr std::string_view websocket_path = "/ws";
constexpr std::string_view health_path = "/health";

// draining: said to who asks at health_path. now: Unix seconds, for the Date field.
Answer answer(const net::HttpRequest& request, const Site& site, bool draining, int64_t now);
// To what is no request: 400, 408, 431. The connection ends with it.
Answer refusal(int status, int64_t now);

}  // namespace web
