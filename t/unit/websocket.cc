// RFC 6455's frames as bytes written by hand: lengths, masks, fragments, control frames between them, UTF-8
// across them, closes, and what is refused with which code; whatever pieces they come in.
#include "worker/net/websocket.h"

#include <string>
#include <vector>

#include "tap.h"

namespace {

using net::WebSocket;
using Status = WebSocket::Status;

constexpr size_t max_message = 70000;

enum Opcode : unsigned char { more = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };
enum Bits : unsigned char { none = 0, fin = 0x80, rsv1 = 0x40, rsv2 = 0x20, rsv3 = 0x10 };

std::string length_bytes(size_t size, unsigned char mask_bit) {
  std::string out;
  const auto byte = [&out](size_t value) { out += static_cast<char>(value & 0xff); };
  if (size < 126) {
    byte(size | mask_bit);
  } else if (size < 65536) {
    byte(126U | mask_bit), byte(size >> 8), byte(size);
  } else {
    byte(127U | mask_bit);
    for (int shift = 56; shift >= 0; shift -= 8) byte(size >> shift);
  }
  return out;
}

std::string masked(std::string payload) {
  static const char key[4] = {0x37, static_cast<char>(0xfa), 0x21, 0x3d};
  for (size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(payload[i] ^ key[i % 4]);
  return std::string(key, 4) + payload;
}

std::string frame(unsigned char opcode, const std::string& payload, unsigned char bits = fin) {
  return std::string(1, static_cast<char>(opcode | bits)) + length_bytes(payload.size(), 0x80) +
         masked(payload);
}

std::string unmasked(unsigned char opcode, const std::string& payload) {
  return std::string(1, static_cast<char>(opcode | fin)) + length_bytes(payload.size(), 0) + payload;
}

std::string code_bytes(int code) {
  return {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
}

// All that happened, as text: messages in brackets, what goes out in hexadecimal, how it ended.
struct Heard {
  std::vector<std::string> messages{};
  std::string out{};
  Status status = Status::more;
  std::string last_words{};
  size_t left = 0;  // bytes that were not consumed
};

Heard hear(const std::string& bytes, size_t step = 1 << 20, size_t max = max_message) {
  WebSocket socket(max);
  Heard heard;
  const WebSocket::Out out = [&heard](std::string_view bytes) { heard.out += bytes; };
  std::string buffer;
  for (size_t at = 0; at < bytes.size() && heard.status == Status::more; at += step) {
    buffer += bytes.substr(at, step);
    for (;;) {
      const auto found = socket.next(buffer, 1, out);
      const std::string message(found.message);
      buffer.erase(0, found.consumed);
      heard.status = found.status == Status::message ? Status::more : found.status;
      if (found.status != Status::message) break;
      heard.messages.push_back(message);
    }
  }
  heard.left = buffer.size();
  socket.close(WebSocket::normal, [&heard](std::string_view bytes) { heard.last_words += bytes; });
  return heard;
}

std::string joined(const std::vector<std::string>& all) {
  std::string out;
  for (const std::string& one : all) out += "[" + one + "]";
  return out;
}

// The same, whole and byte by byte.
void gives(const std::string& bytes, const std::string& messages, const std::string& out,
           const std::string& name) {
  for (const size_t step : {size_t{1} << 20, size_t{1}, size_t{7}}) {
    const Heard heard = hear(bytes, step);
    tap::is(joined(heard.messages), messages, name + ", pieces of " + std::to_string(step));
    if (heard.out != out || heard.status != Status::more) tap::ok(false, name + ": what is answered");
  }
}

void refuses(const std::string& bytes, int code, const std::string& name, Status status = Status::ended) {
  for (const size_t step : {size_t{1} << 20, size_t{1}}) {
    const Heard heard = hear(bytes, step);
    const std::string wanted = status == Status::too_large ? "" : unmasked(close, code_bytes(code));
    tap::ok(heard.status == status && (wanted.empty() || heard.last_words == wanted),
            name + ": " + std::to_string(code) + ", pieces of " + std::to_string(step));
  }
}

void messages() {
  gives(frame(text, "Hello"), "[Hello]", "", "a message");
  gives(std::string("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11), "[Hello]", "", "RFC 6455, 5.7");
  gives(frame(text, ""), "[]", "", "an empty one");
  gives(frame(text, "a") + frame(text, "b") + frame(text, "c"), "[a][b][c]", "", "three in a row");
  for (const size_t size : {125, 126, 127, 65535, 65536, 70000})
    gives(frame(text, std::string(size, 'x')), "[" + std::string(size, 'x') + "]", "",
          "of " + std::to_string(size) + " bytes");
}

void fragments() {
  gives(frame(text, "Hel", none) + frame(more, "lo"), "[Hello]", "", "two fragments");
  gives(frame(text, "", none) + frame(more, "", none) + frame(more, ""), "[]", "", "empty fragments");
  gives(frame(text, "a", none) + frame(more, "b", none) + frame(more, "c", none) + frame(more, "d") +
            frame(text, "e"),
        "[abcd][e]", "", "four, and another message");
  gives(frame(text, "Hel", none) + frame(ping, "p") + frame(more, "lo"), "[Hello]", unmasked(pong, "p"),
        "a ping between two");
  gives(frame(text, "Hel", none) + frame(pong, "p") + frame(more, "lo"), "[Hello]", "", "a pong between two");
  gives(frame(text, "\xe2\x82", none) + frame(more, "\xac"), "[\xe2\x82\xac]", "",
        "a letter in two fragments");
  gives(frame(text, "\xf0", none) + frame(more, "\x9f", none) + frame(ping, "") + frame(more, "\x98\x80"),
        "[\xf0\x9f\x98\x80]", unmasked(pong, ""), "… in three, with a ping");
  refuses(frame(more, "x"), 1002, "a continuation of nothing");
  refuses(frame(text, "a", none) + frame(text, "b"), 1002, "a message inside a message");
  refuses(frame(text, "a", none) + frame(more, "b") + frame(more, "c"), 1002, "a continuation after the end");
}

void controls() {
  gives(frame(ping, ""), "", unmasked(pong, ""), "a ping");
  gives(frame(ping, std::string(125, 'p')), "", unmasked(pong, std::string(125, 'p')), "of 125 bytes");
  gives(frame(ping, "\xff\x00"), "", unmasked(pong, "\xff\x00"), "of any bytes");
  gives(frame(pong, "unasked"), "", "", "an unasked pong");
  gives(frame(ping, "1") + frame(ping, "2"), "", unmasked(pong, "1") + unmasked(pong, "2"), "two pings");
  refuses(frame(ping, std::string(126, 'p')), 1002, "a ping of 126 bytes");
  refuses(frame(ping, "p", none), 1002, "a fragment of a ping");
  refuses(frame(close, "", none), 1002, "a fragment of a Close");
  std::string flood;
  for (int i = 0; i < WebSocket::flood; ++i) flood += frame(ping, "");
  tap::ok(hear(flood).status == Status::more, "as many pings as may be");
  refuses(flood + frame(ping, ""), 1008, "one more");
  std::string empty = frame(text, "", none);
  for (int i = 0; i < WebSocket::flood; ++i) empty += frame(more, "", none);
  refuses(empty, 1008, "a flood of empty fragments");
  refuses(flood + frame(text, "a") + frame(pong, ""), 1008, "messages do not help");
}

void later() {
  WebSocket socket(100);
  const WebSocket::Out out = [](std::string_view) {};
  bool ended = false;
  for (int64_t i = 0; i < 10 * WebSocket::flood; ++i)
    ended |= socket.next(frame(ping, ""), i * WebSocket::flood_ms / 50, out).status == Status::ended;
  tap::ok(!ended, "many pings over a long time are no flood");
}

void closes() {
  const auto answers = [](const std::string& bytes, const std::string& answer, const std::string& name) {
    const Heard heard = hear(bytes);
    tap::ok(heard.status == Status::ended && heard.last_words == answer, name);
  };
  answers(frame(close, ""), unmasked(close, ""), "a Close without a code is answered alike");
  answers(frame(close, code_bytes(1000)), unmasked(close, code_bytes(1000)), "1000");
  answers(frame(close, code_bytes(4999) + "bye"), unmasked(close, code_bytes(4999) + "bye"),
          "4999, a reason");
  const std::string reason = code_bytes(4000) + "\xe2\x82\xac\xe2\x82\xac";
  for (size_t step = 1; step < 14; ++step)
    tap::ok(hear(frame(close, reason), step).last_words == unmasked(close, reason),
            "a reason in pieces of " + std::to_string(step));
  const Heard after = hear(frame(text, "a") + frame(close, code_bytes(1001)) + frame(text, "b"));
  tap::ok(joined(after.messages) == "[a]" && after.left == frame(text, "b").size(),
          "nothing is read after it");
  tap::is(hear(frame(text, "a", none) + frame(close, code_bytes(1000))).last_words,
          unmasked(close, code_bytes(1000)), "in the middle of a message");
  for (const int code : {0, 999, 1004, 1005, 1006, 1016, 2999, 5000, 65535})
    refuses(frame(close, code_bytes(code)), 1002, "a Close of " + std::to_string(code));
  refuses(frame(close, "\x03"), 1002, "a Close with half a code");
  refuses(frame(close, code_bytes(1000) + "\xff"), 1007, "a Close with a bad reason");
  tap::is(hear(frame(text, "a")).last_words, unmasked(close, code_bytes(1000)),
          "ours, if the peer has said none");
}

void refused() {
  for (const unsigned char rsv : {rsv1, rsv2, rsv3})
    refuses(frame(text, "x", static_cast<unsigned char>(fin | rsv)), 1002, "an RSV bit");
  for (const int opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15})
    refuses(frame(static_cast<unsigned char>(opcode), "x"), 1002, "opcode " + std::to_string(opcode));
  refuses(unmasked(text, "x"), 1002, "unmasked");
  refuses(unmasked(ping, ""), 1002, "an unmasked ping");
  refuses(frame(binary, "x"), 1003, "binary");
  refuses(frame(binary, "x", none) + frame(more, "y"), 1003, "binary, fragmented");
  const std::string zeros = masked(std::string(10, 'x'));
  refuses(std::string("\x81\xfe\x00\x0a", 4) + zeros, 1002, "a length in more bytes than it takes, 2");
  refuses(std::string("\x81\xff\0\0\0\0\0\0\0\x0a", 10) + zeros, 1002, "… 8");
  refuses(std::string("\x81\xff\x80\0\0\0\0\0\0\x0a", 10) + zeros, 1002, "a length over 2^63");
  for (const char* bad : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\x80", "\xe2\x82"})
    refuses(frame(text, bad), 1007, "bad text");
  refuses(frame(text, "\xe2\x82", none) + frame(more, "x"), 1007, "bad text across fragments");
  refuses(frame(text, "\xe2\x82", none) + frame(more, ""), 1007, "text that ends within a letter");
}

void too_large() {
  const std::string most(max_message, 'x');
  const std::string huge = std::string("\x81\xff\0\0\0\0\x7f\xff\xff\xff", 10) + masked("xxxxxxxx");
  refuses(frame(text, most + "x"), 1009, "one byte too many", Status::too_large);
  refuses(frame(text, most, none) + frame(more, "x"), 1009, "… in a second fragment", Status::too_large);
  refuses(huge, 1009, "2^31 declared", Status::too_large);
  refuses(huge.substr(0, 14), 1009, "… and nothing of it sent", Status::too_large);
  refuses(frame(text, most, none) + frame(more, "x").substr(0, 6), 1009, "… of a second fragment",
          Status::too_large);
  tap::is(joined(hear(frame(text, most, none) + frame(more, "")).messages).size(), max_message + 2,
          "the most");
}

// What is begun is known, and nothing is held between messages.
void begun() {
  WebSocket socket(100);
  const WebSocket::Out out = [](std::string_view) {};
  const auto say = [&](const std::string& bytes) {
    const auto found = socket.next(bytes, 1, out);
    return std::string(found.heard ? "heard" : "nothing") + (socket.begun() ? ", begun" : "");
  };
  tap::is(say(""), std::string("nothing"), "nothing has come");
  tap::is(say("\x81"), std::string("nothing, begun"), "a byte has");
  tap::is(say("\x80"), std::string("nothing, begun"), "two have");
  tap::is(say(std::string(4, '\0')), std::string("heard"), "a whole message");
  tap::is(say(frame(text, "a", none)), std::string("heard, begun"), "a fragment");
  tap::is(say(frame(ping, "a")), std::string("heard, begun"), "a ping ends it not");
  tap::is(say(frame(more, "a")), std::string("heard"), "the last fragment does");
  tap::is(say(frame(ping, "")), std::string("heard"), "a ping alone");
}

void written() {
  const auto bytes = [](const std::string& message) {
    std::string all;
    WebSocket::write(message, [&all](std::string_view part) { all += part; });
    return all;
  };
  for (const size_t size : {0, 1, 125, 126, 65535, 65536})
    tap::ok(bytes(std::string(size, 'x')) == unmasked(text, std::string(size, 'x')),
            "written: " + std::to_string(size) + " bytes");
}

}  // namespace

int main() {
  messages();
  fragments();
  controls();
  later();
  closes();
  refused();
  too_large();
  begun();
  written();
  return tap::done();
}
