// A libFuzzer target over what a browser's connection says before and after its handshake: the head of a
// request with its answer, and WebSocket's frames. Invariants abort. Build and run:
//   clang++ -std=c++20 -O1 -g -Isrc -fsanitize=fuzzer,address,undefined t/fuzz/websocket.cc
//   src/worker/net/http.cc
//     src/worker/net/websocket.cc src/worker/web/*.cc src/common/files/folder.cc src/common/base/error.cc
//     src/common/base/text.cc -lwslay -lz -o build/fuzz-websocket
//   build/fuzz-websocket -max_len=4096 -max_total_time=120
#include <cstdio>
#include <cstdlib>
#include <string>

#include "common/base/text.h"
#include "worker/net/websocket.h"
#include "worker/web/answer.h"

namespace {

constexpr size_t max_message = 300;

void must(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken invariant: %s\n", what);
  std::abort();
}

// What comes of the bytes, if `step` of them arrive at a time.
std::string frames(std::string_view bytes, size_t step) {
  net::WebSocket socket(max_message);
  using Status = net::WebSocket::Status;
  std::string out;
  const auto said = [&out](std::string_view answer) { out.append("<").append(answer); };
  size_t begin = 0, received = 0;
  Status status = Status::more;
  while (received < bytes.size() && (status == Status::more || status == Status::message)) {
    received = received + step < bytes.size() ? received + step : bytes.size();
    do {
      const auto found = socket.next(bytes.substr(begin, received - begin), 1, said);
      status = found.status;
      begin += found.consumed;
      must(begin <= received, "no more is consumed than was received");
      must(received - begin <= 125 || status != Status::more, "only a control frame waits to be whole");
      if (status != Status::message) continue;
      must(found.message.size() <= max_message, "a message keeps the limit");
      must(base::is_utf8(found.message), "a message is UTF-8");
      out.append("[").append(found.message);
    } while (status == Status::message);
  }
  std::string close;
  socket.close(net::WebSocket::normal, [&close](std::string_view last) { close += last; });
  must(close.size() >= 2 && close[0] == '\x88' && close.size() == 2 + static_cast<size_t>(close[1]),
       "a Close is whole");
  return out + "!" + std::to_string(static_cast<int>(status)) + close;
}

std::string head(std::string_view bytes, size_t step) {
  static const files::Folder none;
  static const std::vector<std::string> origins;
  net::HttpHead head;
  size_t begin = 0, received = 0;
  while (received < bytes.size()) {
    received = received + step < bytes.size() ? received + step : bytes.size();
    const auto found = head.feed(bytes.substr(begin, received - begin));
    begin += found.consumed;
    must(begin <= received, "no more of a head is consumed than was received");
    must(received - begin <= net::longest_head || found.status != net::HttpHead::Status::more,
         "a head has a limit");
    if (found.status == net::HttpHead::Status::more) continue;
    if (found.status != net::HttpHead::Status::done) return "refused";
    const net::HttpRequest request = head.request();
    const web::Answer answer = web::answer(request, web::Site{none, origins}, false, 0);
    must(answer.head.ends_with("\r\n\r\n") && answer.head.find("\r\n\r\n") == answer.head.size() - 4,
         "an answer has one head, whatever was asked");
    must(!answer.websocket || (request.method == "GET" && !request.websocket_key.empty()),
         "who becomes a WebSocket");
    return answer.head + std::to_string(begin);
  }
  return "more";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string whole = frames(bytes, size + 1);
  must(frames(bytes, 1) == whole && frames(bytes, 3) == whole, "pieces make no difference to frames");
  const std::string answered = head(bytes, size + 1);
  // Beast looks at a head that came in pieces when its end is there: what is bad is then refused later.
  const std::string late = head(bytes, 1);
  if (size < net::longest_head)
    must(late == answered || late == "more", "pieces make no difference to a head");
  return 0;
}
