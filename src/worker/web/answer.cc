// See answer.h.
#include "worker/web/answer.h"

#include "worker/web/handshake.h"
#include "worker/web/head.h"

namespace web {
namespace {

// What the answers of one request share.
class Answering {
 public:
  Answering(const net::HttpRequest& request, int64_t now) : request_(request), now_(now) {
    // What follows a body that nobody reads can't be told from it.
    out_.keep_alive = request.keep_alive && !request.has_body;
  }

  Answer plain(int status, std::string_view text) {
    Head head(status, now_);
    if (status == 405) head.field("Allow", "GET, HEAD");
    if (status == 426) head.field("Upgrade", "websocket").field("Sec-WebSocket-Version", "13");
    head.field("Cache-Control", "no-store").field("Content-Type", "text/plain; charset=utf-8");
    return finish(status, head, text, status == 426 ? "Upgrade, " : "");
  }

  Answer error(int status) {
    out_.keep_alive &= status != 400;
    return plain(status, status_line(status));
  }

  Answer file(const files::File& file) {
    const bool zipped = request_.takes_gzip && !file.gzip.empty();
    const std::string tag = "\"" + file.tag + (zipped ? "-gz\"" : "\"");
    const bool known = request_.if_none_match.find(tag) != std::string::npos || request_.if_none_match == "*";
    Head head(known ? 304 : 200, now_);
    // Ask each time: a page that is newer than its script, or older, is of no use.
    head.field("Cache-Control", "no-cache").field("ETag", tag).field("Vary", "Accept-Encoding");
    if (known) return finish(304, head, {}, "");
    head.field("Content-Type", file.type);
    if (zipped) head.field("Content-Encoding", "gzip");
    return finish(200, head, zipped ? file.gzip : file.bytes, "");
  }

  Answer websocket() {
    Head head(101, now_);
    head.field("Upgrade", "websocket").field("Connection", "Upgrade");
    head.field("Sec-WebSocket-Accept", net::websocket_accept(request_.websocket_key));
    if (request_.wants_ours) head.field("Sec-WebSocket-Protocol", net::websocket_protocol);
    out_.status = 101;
    out_.head = head.end();
    out_.websocket = true;
    return std::move(out_);
  }

 private:
  Answer finish(int status, Head& head, std::string_view body, const std::string& connection) {
    if (status != 304) head.field("Content-Length", std::to_string(body.size()));
    head.field("Connection", connection + (out_.keep_alive ? "keep-alive" : "close"));
    out_.status = status;
    out_.head = head.end();
    if (request_.method != "HEAD") out_.body = body;
    return std::move(out_);
  }

  const net::HttpRequest& request_;
  const int64_t now_;
  Answer out_;
};

}  // namespace

Answer answer(const net::HttpRequest& request, const Site& site, bool draining, int64_t now) {
  Answering answering(request, now);
  const std::string_view path = std::string_view(request.target).substr(0, request.target.find('?'));
  if (request.ambiguous || (request.version >= 11 && request.host.empty())) return answering.error(400);
  if (path == websocket_path) {
    const int status = judge_handshake(request, site.origins);
    return status == 101 ? answering.websocket() : answering.error(status);
  }
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (path == health_path && reads)
    return answering.plain(draining ? 503 : 200, draining ? "drain\n" : "ready\n");
  const files::File* file =
      !path.starts_with('/') ? nullptr : site.files.find(path == "/" ? "index.html" : path.substr(1));
  if (file == nullptr) return answering.error(reads ? 404 : 405);
  return reads ? answering.file(*file) : answering.error(405);
}

Answer refusal(int status, int64_t now) {
  return Answering(net::HttpRequest{}, now).plain(status, status_line(status));
}

}  // namespace web
