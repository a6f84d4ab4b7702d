// A libFuzzer target over all that reads a peer's bytes before anybody has logged in: the scan, requests
// and their getters, the line splitter, the PROXY header. Invariants abort. Build and run:
//   clang++ -std=c++20 -O1 -g -Isrc -fsanitize=fuzzer,address,undefined t/fuzz/wire.cc src/worker/wire/*.cc
//     src/worker/net/proxy.cc src/common/base/error.cc src/common/base/text.cc -lcjson -o build/fuzz-wire
//   build/fuzz-wire -max_len=4096 -max_total_time=120
#include <cstdio>
#include <cstdlib>
#include <string>

#include "common/base/text.h"
#include "worker/net/proxy.h"
#include "worker/wire/frame.h"
#include "worker/wire/json.h"
#include "worker/wire/number.h"
#include "worker/wire/reply.h"
#include "worker/wire/request.h"
#include "worker/wire/scan.h"

namespace {

void must(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken invariant: %s\n", what);
  std::abort();
}

void is_good(const std::string& json, const char* what) {
  must(static_cast<bool>(wire::scan(json)), what);
  must(wire::json_tree(json) != nullptr, what);
}

// What a getter yields is UTF-8 without NUL, within its limits; what it refuses becomes a good reply.
void is_text(base::Result<std::string> got, const std::string& id, size_t max) {
  if (!got) {
    is_good(wire::error_reply(id, got.error()), "an error's reply is JSON");
    return;
  }
  must(base::is_utf8(*got) && got->find('\0') == std::string::npos, "a string is clean UTF-8");
  must(got->size() <= max, "a string keeps its limit");
  std::string written, again_id;
  wire::Writer(written).object().string("op", *got).end_object();
  auto again = wire::parse(written, again_id);
  must(again && again->op() == *got, "a string is read back as it was written");
}

void ask(wire::Request& request, const std::string& id) {
  for (const char* key : {"op", "to", "text"}) {
    is_text(request.string(key, 0, 100), id, 100);
    is_text(request.text(key, 20), id, 20);
    is_text(request.user(key), id, 32);
    is_text(request.group(key), id, 32);
    if (auto address = request.address(key); address) {
      must(base::is_name(address->name), "an address holds a name");
      must(address->kind == '@' || address->kind == '#', "an address has a kind");
    }
    if (auto n = request.integer(key, -5); n) must(*n >= -5 && *n < wire::int_limit, "an integer's range");
    if (auto list = request.users(key, 3); list) must(list->size() <= 3, "a list's limit");
    (void)request.optional_string(key, 1, 5);
    (void)request.optional_boolean(key);
    (void)request.optional_choice(key, {"a", "b"});
  }
  wire::About about;
  const std::string hint = request.conversation_hint();
  about.op = request.op();
  about.conv = hint;
  if (auto twice = request.check_duplicates(); !twice)
    is_good(wire::error_reply(id, twice.error(), about), "a refusal with op and conv is JSON");
  if (auto good = request.check_id(); !good) must(id.empty(), "no bad id is echoed");
}

void try_request(std::string_view bytes) {
  const wire::Scan seen = wire::scan(bytes);
  must(seen.offset <= bytes.size(), "the offset is within the text");
  if (seen) {
    must(base::is_utf8(bytes), "what is taken is UTF-8");
    const std::string plain = wire::plain_numbers(bytes);
    is_good(plain, "what the scan takes, cJSON takes");
    must(!wire::scan(plain).odd_numbers || plain.find_first_of(".e") != std::string::npos, "plain is plain");
    must(seen.odd_numbers || wire::json_tree(bytes) != nullptr, "without odd numbers cJSON needs no help");
  }
  std::string id;
  auto request = wire::parse(bytes, id);
  if (!id.empty()) is_good(wire::ok_reply(id), "an echoed id is JSON");
  if (request) {
    ask(*request, id);
  } else {
    must(request.error().code != base::Code::internal, "no fault of ours");
    must((request.error().code == base::Code::bad_json) == !seen, "bad_json is what the scan refuses");
    is_good(wire::error_reply(id, request.error()), "a refusal is JSON");
  }
}

void try_proxy(std::string_view bytes) {
  const net::Proxy p = net::parse_proxy(bytes);
  if (p.status == net::Proxy::Status::done)
    must(p.consumed >= 16 && p.consumed <= bytes.size() && p.consumed <= net::longest_proxy_header,
         "a header is within its bytes");
  if (p.status == net::Proxy::Status::need_more)
    must(bytes.size() < net::longest_proxy_header, "enough is enough");
}

// All lines that come out, if `step` bytes arrive at a time.
std::string split(std::string_view bytes, size_t max, size_t step) {
  wire::LineSplitter splitter(max);
  std::string out;
  size_t begin = 0, received = 0;
  while (received < bytes.size()) {
    received = received + step < bytes.size() ? received + step : bytes.size();
    for (;;) {
      const auto found = splitter.next(bytes.substr(begin, received - begin));
      must(found.line.size() <= max, "a line keeps the limit");
      if (found.status == wire::LineSplitter::Status::too_large) return out + "!";
      begin += found.consumed;
      must(begin <= received, "no more is consumed than was received");
      if (found.status == wire::LineSplitter::Status::more) break;
      must(!found.line.empty(), "no empty line");
      out.append(found.line).append("\n");
    }
  }
  return out + std::to_string(received - begin);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try_request(bytes);
  try_proxy(bytes);
  const std::string whole = split(bytes, 20, size + 1);
  must(split(bytes, 20, 1) == whole && split(bytes, 20, 3) == whole, "pieces make no difference");
  return 0;
}
