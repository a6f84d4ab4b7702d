// The web page's files in memory, the head of an HTTP request, and what it gets: all that is decided without
// a socket. The folder is a real one.
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "common/files/folder.h"
#include "tap.h"
#include "worker/net/http.h"
#include "worker/web/answer.h"

namespace {

namespace fs = std::filesystem;
using Head = net::HttpHead;
using Fields = std::vector<std::string>;

const std::string script(5000, 'x');

struct Temporary {
  Temporary() {
    char name[] = "/tmp/chatd-web-XXXXXX";
    path = mkdtemp(name);
  }
  ~Temporary() { fs::remove_all(path); }
  void put(const std::string& name, const std::string& bytes) const {
    fs::create_directories(fs::path(path + "/" + name).parent_path());
    std::ofstream(path + "/" + name, std::ios::binary) << bytes;
  }
  std::string path;
};

std::string unzipped(const std::string& bytes) {
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  std::string out(1 << 16, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = inflate(&stream, Z_FINISH);
  out.resize(status == Z_STREAM_END ? stream.total_out : 0);
  inflateEnd(&stream);
  return out;
}

void folder(const Temporary& at) {
  at.put("index.html", "<p>hello");
  at.put("js/app.js", script);
  at.put("picture.png", std::string(5000, 'p'));
  at.put(".hidden", "secret");
  at.put(".git/config", "secret");
  at.put("odd.xyz", "");
  fs::create_symlink("/etc/passwd", at.path + "/link.txt");
  fs::create_directory_symlink("/etc", at.path + "/etc");
  mkfifo((at.path + "/fifo").c_str(), 0600);
  auto read = files::Folder::read(at.path, 1 << 20);
  if (!tap::ok(static_cast<bool>(read), "a folder is read")) return;
  tap::is(read->size(), size_t{4}, "what is hidden, a link or no file is left out");
  for (const char* name :
       {".hidden", ".git/config", "link.txt", "etc/passwd", "fifo", "../", "", "js", "/index.html"})
    tap::ok(read->find(name) == nullptr, std::string("not there: ") + name);
  const files::File* js = read->find("js/app.js");
  tap::ok(js != nullptr && js->bytes == script && js->type == "text/javascript; charset=utf-8", "a script");
  tap::ok(js->gzip.size() < 200 && unzipped(js->gzip) == script, "… gzipped too");
  tap::ok(read->find("index.html")->gzip.empty(), "not what gets larger");
  tap::ok(read->find("picture.png")->gzip.empty() && read->find("picture.png")->type == "image/png",
          "a picture");
  tap::is(std::string(read->find("odd.xyz")->type), std::string("application/octet-stream"),
          "an unknown type");
  const std::string tag = js->tag;
  at.put("js/app.js", script + "y");
  tap::ok(files::Folder::read(at.path, 1 << 20)->find("js/app.js")->tag != tag,
          "another content, another tag");
  at.put("js/app.js", script);
  tap::is(files::Folder::read(at.path, 1 << 20)->find("js/app.js")->tag, tag,
          "the same content, the same tag");
  tap::ok(!files::Folder::read(at.path, 10007) && files::Folder::read(at.path, 10008),
          "no more bytes than may be");
  tap::ok(!files::Folder::read(at.path + "/none", 1 << 20), "no folder");
  tap::is(files::Folder::read("", 1)->size(), size_t{0}, "none is asked for");
}

std::string lines(const std::string& first, const Fields& fields) {
  std::string out = first + "\r\n";
  for (const std::string& field : fields) out += field + "\r\n";
  return out + "\r\n";
}

// How a head ends when it comes in pieces.
Head::Status status_of(const std::string& bytes, size_t step) {
  Head head;
  std::string buffer;
  Head::Found found;
  for (size_t at = 0; at < bytes.size() && found.status == Head::Status::more; at += step) {
    buffer += bytes.substr(at, step);
    found = head.feed(buffer);
    buffer.erase(0, found.consumed);
  }
  return found.status;
}

// Each piece ends within a field, so that there is always something to go on with.
void in_pieces() {
  net::HttpHead head;
  std::string waiting = "GET / HTTP/1.1\r\n";
  Head::Status status = Head::Status::more;
  size_t fed = 0;
  while (status == Head::Status::more && fed < 10 * net::longest_head) {
    waiting += "X: y\r\nX";
    fed += 7;
    const auto found = head.feed(waiting);
    waiting.erase(0, found.consumed);
    status = found.status;
    waiting += ": y\r\n";
    fed += 5;
  }
  tap::ok(status == Head::Status::too_long, "too long, in many pieces");
  tap::ok(fed < net::longest_head + 100, "and no more than that is kept of it");
}

void heads() {
  const auto ends = [](const std::string& bytes, Head::Status status, const std::string& name) {
    for (const size_t step : {size_t{1} << 20, size_t{1}, size_t{13}})
      tap::ok(status_of(bytes, step) == status, name + ", pieces of " + std::to_string(step));
  };
  const std::string get = "GET / HTTP/1.1";
  const std::string host = "Host: h";
  ends(lines(get, {host}), Head::Status::done, "a head");
  ends(lines(get, {host}).substr(0, 20), Head::Status::more, "half of one");
  ends(lines(get, {host, "X: " + std::string(net::longest_head - 100, 'x')}), Head::Status::done,
       "a long one");
  ends(lines(get, {host, "X: " + std::string(net::longest_head, 'x')}), Head::Status::too_long, "too long");
  ends("GET /" + std::string(net::longest_head, 'x'), Head::Status::too_long, "a target without end");
  in_pieces();
  ends(lines("GET / HTTP/2.0", {host}), Head::Status::bad, "HTTP/2");
  ends(lines("GET  / HTTP/1.1", {host}), Head::Status::bad, "two blanks");
  ends(lines(get, {"Host h"}), Head::Status::bad, "no colon");
  ends(lines(get, {host, " folded"}), Head::Status::done, "a folded line");
  ends(lines(get, {"Content-Length: 1", "Content-Length: 2"}), Head::Status::bad, "two lengths");
  ends(lines(get, {"Content-Length: 1", "Transfer-Encoding: chunked"}), Head::Status::bad, "smuggling");
  ends("\x16\x03\x01\x02", Head::Status::bad, "TLS");
}

net::HttpRequest request(const std::string& first, const Fields& fields) {
  Head head;
  const std::string bytes = lines(first, fields) + "GET /next HTTP/1.1\r\n";
  const auto found = head.feed(bytes);
  if (found.status != Head::Status::done || bytes.substr(found.consumed) != "GET /next HTTP/1.1\r\n")
    std::abort();
  return head.request();
}

void requests() {
  const auto r =
      request("GET /a?b=c HTTP/1.1", {"Host: H", "Accept-Encoding: br, GZIP;q=0.5", "If-None-Match: \"x\""});
  tap::is(r.method + r.target + r.host + r.if_none_match, std::string("GET/a?b=cH\"x\""),
          "what is asked for");
  tap::ok(r.keep_alive && !r.has_body && r.takes_gzip && !r.upgrade && !r.ambiguous, "and how");
  tap::ok(!request("GET / HTTP/1.0", {}).keep_alive, "HTTP/1.0 ends with the answer");
  tap::ok(!request("GET / HTTP/1.1", {"Connection: close"}).keep_alive, "and so does who says it");
  for (const char* none : {"gzip;q=0", "gzip;q=0.0", "deflate, br", ""})
    tap::ok(!request("GET / HTTP/1.1", {std::string("Accept-Encoding: ") + none}).takes_gzip,
            std::string("no gzip: ") + none);
  tap::ok(request("POST / HTTP/1.1", {"Content-Length: 1"}).has_body, "a body by its length");
  tap::ok(request("POST / HTTP/1.1", {"Transfer-Encoding: chunked"}).has_body, "a chunked body");
  tap::ok(request("GET / HTTP/1.1", {"Host: a", "Host: b"}).ambiguous, "two hosts");
}

const Fields websocket = {"Host: chat.example.org", "Upgrade: WebSocket", "Connection: keep-alive, Upgrade",
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"};

Fields with(Fields fields, const std::string& name, const std::string& value = "") {
  for (size_t i = 0; i < fields.size(); ++i)
    if (fields[i].starts_with(name + ":")) fields.erase(fields.begin() + static_cast<long>(i));
  if (!value.empty()) fields.push_back(name + ": " + value);
  return fields;
}

void handshake() {
  const files::Folder none;
  const auto status = [&none](const std::string& first, const Fields& fields, const Fields& origins = {}) {
    return web::answer(request(first, fields), web::Site{none, origins}, false, 0).status;
  };
  const std::string get = "GET /ws HTTP/1.1";
  const auto ok = web::answer(request(get, websocket), web::Site{none, {}}, false, 0);
  tap::ok(
      ok.websocket && ok.status == 101 &&
          ok.head.find("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") != std::string::npos &&
          ok.head.find("Sec-WebSocket-Protocol") == std::string::npos,
      "accepted, without a subprotocol");
  tap::is(status("GET /ws?x HTTP/1.1", websocket), 101, "a query");
  tap::is(status("POST /ws HTTP/1.1", websocket), 405, "another method");
  tap::is(status("GET /ws HTTP/1.0", websocket), 426, "HTTP/1.0");
  tap::is(status(get, with(websocket, "Upgrade")), 426, "no Upgrade");
  tap::is(status(get, with(websocket, "Connection", "keep-alive")), 426, "no Connection: Upgrade");
  tap::is(status(get, with(websocket, "Sec-WebSocket-Version", "8")), 426, "another version");
  tap::is(status(get, with(websocket, "Sec-WebSocket-Version")), 426, "no version");
  tap::is(status(get, with(websocket, "Sec-WebSocket-Key")), 400, "no key");
  for (const char* key :
       {"dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQAA", "dGhlIHNhbXBsZSBub25jZ===", "????"})
    tap::is(status(get, with(websocket, "Sec-WebSocket-Key", key)), 400, std::string("a key of ") + key);
  tap::is(status(get, with(websocket, "Host")), 400, "no host");
  Fields twice = websocket;
  twice.emplace_back("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
  tap::is(status(get, twice), 400, "two keys");
  tap::is(status(get, with(websocket, "Sec-WebSocket-Protocol", "a, chatd.v1")), 101,
          "the subprotocol among others");
  tap::is(status(get, with(websocket, "Sec-WebSocket-Protocol", "chatd.v2")), 400, "others alone");
  const auto from = [&](const std::string& origin, const Fields& origins) {
    return status(get, with(websocket, "Origin", origin), origins);
  };
  tap::is(from("https://chat.example.org", {}), 101, "the same host");
  tap::is(from("http://CHAT.example.org", {}), 101, "in other letters");
  for (const char* other : {"https://chat.example.org:8443", "https://example.org",
                            "https://chat.example.org.evil.test", "null", "chat.example.org"})
    tap::is(from(other, {}), 403, std::string("not from ") + other);
  const Fields allowed = {"https://a.test", "https://b.test:8443"};
  tap::is(from("https://b.test:8443", allowed), 101, "one of those that may");
  tap::is(from("https://chat.example.org", allowed), 403, "then the own host alone is not enough");
  tap::is(status(get, websocket, allowed), 101, "no origin: no browser");
}

bool has(const web::Answer& answer, const std::string& field) {
  return answer.head.find("\r\n" + field + "\r\n") != std::string::npos;
}

void answers(const Temporary& at) {
  auto read = files::Folder::read(at.path, 1 << 20);
  const Fields origins;
  const web::Site site{*read, origins};
  const auto ask = [&site](const std::string& first, const Fields& fields = {"Host: h"}) {
    return web::answer(request(first, fields), site, false, 784111777);
  };
  const auto page = ask("GET / HTTP/1.1");
  tap::ok(page.status == 200 && page.body == "<p>hello" && page.keep_alive, "/ is index.html");
  for (const char* field : {"Content-Type: text/html; charset=utf-8", "Content-Length: 8",
                            "Connection: keep-alive", "Date: Sun, 06 Nov 1994 08:49:37 GMT",
                            "X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer",
                            "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src "
                            "'self'; img-src 'self' data:; "
                            "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
                            "frame-ancestors 'none'"})
    tap::ok(has(page, field), std::string("it says ") + std::string(field).substr(0, 40));
  tap::ok(ask("GET /index.html?v=1 HTTP/1.1").body == page.body, "a query makes no difference");
  const auto head = ask("HEAD / HTTP/1.1");
  tap::ok(head.status == 200 && head.body.empty() && has(head, "Content-Length: 8"), "HEAD");
  const auto zipped = ask("GET /js/app.js HTTP/1.1", {"Host: h", "Accept-Encoding: gzip"});
  tap::ok(has(zipped, "Content-Encoding: gzip") && has(zipped, "Vary: Accept-Encoding") &&
              unzipped(std::string(zipped.body)) == script,
          "gzip for who takes it");
  tap::ok(ask("GET /js/app.js HTTP/1.1").body == script, "not for others");
  const std::string tag = read->find("js/app.js")->tag;
  const auto known = [&](const std::string& tags, const std::string& coding) {
    return ask("GET /js/app.js HTTP/1.1",
               {"Host: h", "If-None-Match: " + tags, "Accept-Encoding: " + coding});
  };
  const auto same = known("W/\"1\", \"" + tag + "\"", "br");
  tap::ok(same.status == 304 && same.body.empty() && has(same, "ETag: \"" + tag + "\""),
          "304 for who has it");
  tap::is(known("\"" + tag + "-gz\"", "gzip").status, 304, "in that coding");
  tap::is(known("\"" + tag + "\"", "gzip").status, 200, "and no other");
  tap::is(known("\"x\"", "br").status, 200, "nor another version");
  for (const char* path :
       {"/none", "/js", "/js/", "/../etc/passwd", "//etc/passwd", "/.hidden", "/js/../index.html",
        "/%69ndex.html", "/index.html/", "*", "http://h/index.html", "/link.txt"})
    tap::is(ask(std::string("GET ") + path + " HTTP/1.1").status, 404, std::string("404: ") + path);
  const auto post = ask("POST / HTTP/1.1", {"Host: h", "Content-Length: 5"});
  tap::ok(post.status == 405 && has(post, "Allow: GET, HEAD") && !post.keep_alive,
          "405, and the body is not read");
  tap::is(ask("GET / HTTP/1.1", {}).status, 400, "no host");
  tap::is(ask("GET / HTTP/1.0", {}).status, 200, "HTTP/1.0 needs none");
  tap::is(ask("GET /health HTTP/1.1").status, 200, "healthy");
  const auto draining = web::answer(request("GET /health HTTP/1.1", {"Host: h"}), site, true, 0);
  tap::ok(draining.status == 503 && draining.body == "drain\n", "not while it ends");
  const auto refused = web::refusal(431, 0);
  tap::ok(refused.status == 431 && !refused.keep_alive && has(refused, "Connection: close"), "a refusal");
}

}  // namespace

int main() {
  const Temporary at;
  folder(at);
  heads();
  requests();
  handshake();
  answers(at);
  return tap::done();
}
