// The writer, and the replies and events made with it: their exact bytes.
#include "worker/wire/writer.h"

#include <string>

#include "tap.h"
#include "worker/wire/event.h"
#include "worker/wire/reply.h"
#include "worker/wire/request.h"
#include "worker/wire/scan.h"

namespace {

using namespace std::string_literals;

std::string quoted(const std::string& text) {
  std::string out;
  wire::Writer(out).string(text);
  return out;
}

void strings() {
  tap::is(quoted(""), "\"\"", "an empty string");
  tap::is(quoted("plain / 'text' <>&"), "\"plain / 'text' <>&\"", "nothing is escaped without need");
  tap::is(quoted("\"\\\n\r\t\b\f\x01\x1f\x7f"), "\"\\\"\\\\\\n\\r\\t\\u0008\\u000c\\u0001\\u001f\x7f\"",
          "escapes");
  tap::is(quoted("\0x"s), "\"\\u0000x\"", "a NUL, which can't come in, does not cut");
  tap::is(quoted("\xc3\xa9\xf0\x9f\x98\x80\xe2\x80\xa8"), "\"\xc3\xa9\xf0\x9f\x98\x80\xe2\x80\xa8\"",
          "UTF-8 passes");

  // Every ASCII byte at every place of a run comes back the same.
  bool same = true;
  for (int c = 1; c < 0x80; ++c)
    for (size_t i = 0; i < 20; ++i) {
      std::string text(20, 'x'), id;
      text[i] = static_cast<char>(c);
      auto request = wire::parse("{\"op\":" + quoted(text) + "}", id);
      same = same && request && request->op() == text;
    }
  tap::ok(same, "what is written is read back the same");
}

void structure() {
  std::string out = "before:";
  wire::Writer w(out);
  w.object().integer("a", -9007199254740991).boolean("b", false).null("c").raw("d", "[1]");
  w.array("e").integer(1).string("{").string(":").string("").null().boolean(true);
  w.object().end_object().array().end_array().raw("2").end_array();
  w.object("f").string("g", "[").string("h", "x").end_object().string("k\"", "v").end_object();
  tap::is(out,
          R"(before:{"a":-9007199254740991,"b":false,"c":null,"d":[1],)"
          R"("e":[1,"{",":","",null,true,{},[],2],"f":{"g":"[","h":"x"},"k\"":"v"})",
          "objects, arrays and commas");
}

base::Error error_of(base::Code code, const char* detail, const char* subject, int retry_ms, bool maybe) {
  base::Error e;
  e.code = code;
  e.detail = detail;
  e.subject = subject;
  e.retry_ms = retry_ms;
  e.maybe = maybe;
  return e;
}

void replies() {
  using base::Code;
  tap::is(wire::ok_reply("7"), R"({"id":7,"ok":true})", "ok");
  tap::is(wire::ok_reply(""), R"({"ok":true})", "ok without an id");
  tap::is(wire::ok_reply("\"x\"", [](wire::Writer& w) { w.integer("seq", 5).boolean("duplicate", true); }),
          R"({"id":"x","ok":true,"seq":5,"duplicate":true})", "ok with fields");
  tap::is(wire::error_reply("7", base::bad_field("to", "is missing")),
          R"({"id":7,"ok":false,"error":"bad_field","detail":"to: is missing","field":"to"})", "bad_field");
  tap::is(wire::error_reply("", error_of(Code::too_many, "d", "max_groups", 0, false)),
          R"({"ok":false,"error":"too_many","detail":"d","limit":"max_groups"})", "a limit");
  tap::is(wire::error_reply("1", error_of(Code::unavailable, "away", "", 1000, true)),
          R"({"id":1,"ok":false,"error":"unavailable","detail":"away","retry_ms":1000,"maybe":true})",
          "unavailable");
  tap::is(wire::error_reply("1", error_of(Code::busy, "", "x", 20, false)),
          R"({"id":1,"ok":false,"error":"busy","detail":"","retry_ms":20})", "busy");
  tap::is(wire::error_reply("1", error_of(Code::blocked, "", "x", 20, false)),
          R"({"id":1,"ok":false,"error":"blocked","detail":""})", "other codes have neither");
  wire::About about;
  about.op = "ack";
  about.conv = "@a\n";
  tap::is(wire::error_reply("", error_of(Code::no_such_user, "no @a", "", 0, false), about),
          R"({"ok":false,"error":"no_such_user","detail":"no @a","op":"ack","conv":"@a\n"})",
          "ack without id");

  const std::string hostile =
      wire::error_reply("", error_of(Code::internal, "a\xff\x1b[0m\r\n\"\\", "", 0, false));
  tap::is(hostile, R"({"ok":false,"error":"internal","detail":"a\\xff\\x1b[0m\\x0d\\x0a\"\\x5c"})",
          "a hostile detail is escaped");
  const std::string flood(100000, '\xff');
  const std::string cut = wire::error_reply("", error_of(Code::internal, flood.c_str(), "", 0, false));
  tap::ok(cut.size() < 4000 && wire::scan(cut), "a long one is cut, and is JSON");
}

void events() {
  wire::Hello hello;
  hello.server = "chatd/0.1.0";
  hello.node = "a";
  hello.max_frame = 65536;
  hello.ping_interval = 60;
  tap::is(
      wire::hello_event(hello),
      R"({"event":"hello","server":"chatd/0.1.0","protocol":1,"node":"a","max_frame":65536,"ping_interval":60})",
      "hello");
  wire::Message m;
  m.from = "ann";
  m.to = "@bob";
  m.seq = 3;
  m.ts = 1700000000123;
  m.text = "line\n\"quoted\"";
  tap::is(
      wire::message_event(m),
      R"({"event":"message","from":"ann","to":"@bob","seq":3,"ts":1700000000123,"text":"line\n\"quoted\""})",
      "message");
  m.cid = "c\\1";
  std::string out;
  wire::Writer w(out);
  w.array().object();
  wire::write_message(w, m);
  w.end_object().end_array();
  tap::is(out,
          R"([{"from":"ann","to":"@bob","seq":3,"ts":1700000000123,"text":"line\n\"quoted\"","cid":"c\\1"}])",
          "message in a history, with cid");
  tap::is(wire::synced_event(), R"({"event":"synced"})", "synced");
  tap::is(wire::closing_event(wire::Reason::reload, 1500),
          R"({"event":"closing","reason":"reload","reconnect_ms":1500})", "closing with a pause");
  tap::is(wire::closing_event(wire::Reason::auth_timeout), R"({"event":"closing","reason":"auth_timeout"})",
          "closing");
  tap::is(wire::name(wire::Reason::too_large), "too_large", "reasons have their names");
}

}  // namespace

int main() {
  strings();
  structure();
  replies();
  events();
  return tap::done();
}
