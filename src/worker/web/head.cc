// See head.h.
#include "worker/web/head.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <ctime>

namespace web {
namespace {

struct Status {
  int number;
  std::string_view line;
};

constexpr auto statuses = std::to_array<Status>({
    {101, "101 Switching Protocols"},
    {200, "200 OK"},
    {304, "304 Not Modified"},
    {400, "400 Bad Request"},
    {403, "403 Forbidden"},
    {404, "404 Not Found"},
    {405, "405 Method Not Allowed"},
    {408, "408 Request Timeout"},
    {426, "426 Upgrade Required"},
    {431, "431 Request Header Fields Too Large"},
    {503, "503 Service Unavailable"},
});

// The page needs its own files and its own server, and nothing else.
constexpr std::string_view always =
    "Server: chatd\r\n"
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n";

// HTTP's form, whatever the locale.
std::string date(int64_t now) {
  const time_t seconds = now;
  tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  const size_t size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return std::string(text, size);
}

}  // namespace

std::string_view status_line(int status) {
  const auto* row = std::find_if(statuses.begin(), statuses.end(),
                                 [status](const Status& s) { return s.number == status; });
  assert(row != statuses.end());
  return row->line;
}

Head::Head(int status, int64_t now) {
  text_.reserve(1024);
  text_.append("HTTP/1.1 ").append(status_line(status)).append("\r\n");
  field("Date", date(now));
  text_.append(always);
}

Head& Head::field(std::string_view name, std::string_view value) {
  text_.append(name).append(": ").append(value).append("\r\n");
  return *this;
}

}  // namespace web
