// Requests: which frames are refused how, what is echoed, and each getter against good and bad values.
#include "worker/wire/request.h"

#include <string>
#include <vector>

#include "common/base/text.h"
#include "tap.h"
#include "worker/wire/reply.h"

namespace {

// A frame's way through the checks that need no session: "CODE field id=ID", or "ok id=ID".
std::string verdict(const std::string& frame) {
  std::string id;
  auto request = wire::parse(frame, id);
  const auto says = [&](const base::Error& e) {
    return std::string(base::name(e.code)) + (e.subject.empty() ? "" : " " + e.subject) + " id=" + id;
  };
  if (!request) return says(request.error());
  if (request->id() != id) return "ids differ";
  if (auto checked = request->check_id(); !checked) return says(checked.error());
  if (auto checked = request->check_duplicates(); !checked) return says(checked.error());
  return "ok id=" + id;
}

struct Case {
  std::string frame;
  std::string expected;
};

const std::string b64(64, 'x');

const std::vector<Case> frames = {
    {R"({"op":"ping"})", "ok id="},
    {R"({"op":"ping","id":7})", "ok id=7"},
    {R"({"op":"ping","id":0})", "ok id=0"},
    {R"({"op":"ping","id":-0})", "ok id=0"},
    {R"({"op":"ping","id":-7})", "ok id=-7"},
    {R"({"op":"ping","id":1.0})", "ok id=1"},
    {R"({"op":"ping","id":1.5e1})", "ok id=15"},
    {R"({"op":"ping","id":9007199254740991})", "ok id=9007199254740991"},
    {R"({"op":"ping","id":-9007199254740991})", "ok id=-9007199254740991"},
    {R"({"op":"ping","id":9007199254740992})", "bad_field id id="},
    {R"({"op":"ping","id":9007199254740993})", "bad_field id id="},
    {R"({"op":"ping","id":-9007199254740992})", "bad_field id id="},
    {R"({"op":"ping","id":9007199254740990.5})", "bad_field id id="},
    {R"({"op":"ping","id":1e999})", "bad_field id id="},
    {R"({"op":"ping","id":-1e999})", "bad_field id id="},
    {R"({"op":"ping","id":0.5})", "bad_field id id="},
    {R"({"op":"ping","id":1.00000000000000000001})", "bad_field id id="},
    {R"({"op":"ping","id":1e-400})", "bad_field id id="},
    {R"({"op":"ping","id":)" + std::string(200, '1') + "}", "bad_field id id="},
    {R"({"op":"ping","id":1.)" + std::string(200, '0') + "}", "ok id=1"},
    {R"({"op":"ping","x":1.)" + std::string(200, '3') + "}", "ok id="},
    {R"({"op":"ping","id":""})", R"(ok id="")"},
    {R"({"op":"ping","id":"a b"})", R"(ok id="a b")"},
    {R"({"op":"ping","id":"\u0041\u00e9\ud83d\ude00\/"})", "ok id=\"A\xc3\xa9\xf0\x9f\x98\x80/\""},
    {R"({"op":"ping","id":"\u001b\"\\\n"})", R"(ok id="\u001b\"\\\n")"},
    {R"({"op":"ping","id":")" + b64 + "\"}", "ok id=\"" + b64 + "\""},
    {R"({"op":"ping","id":")" + b64 + "x\"}", "bad_field id id="},
    {R"({"op":"ping","id":null})", "bad_field id id="},
    {R"({"op":"ping","id":true})", "bad_field id id="},
    {R"({"op":"ping","id":[1]})", "bad_field id id="},
    {R"({"op":"ping","id":{}})", "bad_field id id="},
    {R"({"id":1,"op":"ping","id":1})", "bad_field id id="},
    {R"({"id":1,"op":"ping","i\u0064":2})", "bad_field id id="},
    {R"({"ID":1,"op":"ping","Id":2})", "ok id="},
    {R"({"OP":"ping"})", "bad_frame id="},
    {R"({"id":7})", "bad_frame id=7"},
    {R"({"id":7,"op":null})", "bad_frame id=7"},
    {R"({"id":7,"op":1,"op":"ping"})", "bad_frame id=7"},
    {R"({"id":"x","op":["ping"]})", "bad_frame id=\"x\""},
    {R"({"id":[],"op":1})", "bad_frame id="},
    {R"({"id":1,"id":1,"op":1})", "bad_frame id="},
    {"{}", "bad_frame id="},
    {"[]", "bad_frame id="},
    {"1", "bad_frame id="},
    {"\"op\"", "bad_frame id="},
    {"null", "bad_frame id="},
    {R"([{"op":"ping","id":1}])", "bad_frame id="},
    {"", "bad_json id="},
    {R"({"id":7,"op":"ping"}x)", "bad_json id="},
    {R"({"id":7,"op":"ping")", "bad_json id="},
    {R"({"id":01,"op":"ping"})", "bad_json id="},
    {R"({"id":7,"op":"pi\u0000ng"})", "bad_json id="},
    {"\xef\xbb\xbf{\"op\":\"ping\"}", "bad_json id="},
    {R"({"op":""})", "ok id="},
    {R"({"op":"ping","op":"ping"})", "bad_field op id="},
    {R"({"op":"ping","\u006fp":"x","id":3})", "bad_field op id=3"},
    {R"({"op":"ping","x":1,"y":2,"x":1})", "bad_field x id="},
    {R"({"op":"ping","x":null,"\u0078":{}})", "bad_field x id="},
    {R"({"op":"ping","":1,"":2})", "bad_field id="},
    {R"({"op":"ping","x":{"a":1,"a":2},"y":[{"b":1,"b":1}]})", "ok id="},
    {R"({"op":"ping","x":1,"X":2})", "ok id="},
    {R"({"op":"ping",")" + b64 + R"(yy":1,")" + b64 + R"(yy":1})", "bad_field " + b64 + " id="},
    {R"({"op":"ping","x)" + b64 + R"(":1})", "ok id="},
};

// One field under one getter. The field is always `f`.
template <class Get>
void field(const std::string& value, const std::string& expected, Get get) {
  std::string id;
  const std::string frame = value.empty() ? R"({"op":"x"})" : R"({"op":"x","f":)" + value + "}";
  auto request = wire::parse(frame, id);
  if (!tap::ok(static_cast<bool>(request), frame.substr(0, 70))) return;
  tap::is(get(*request), expected, "  is " + base::escaped(expected));
}

template <class T, class Show>
std::string shown(base::Result<T> got, Show show) {
  if (got) return show(*got);
  return std::string(base::name(got.error().code)) +
         (got.error().subject.empty() ? "" : " " + got.error().subject);
}

const auto as_is = [](const std::string& s) { return "=" + s; };
const auto number = [](int64_t n) { return std::to_string(n); };
const auto truth = [](bool b) { return std::string(b ? "yes" : "no"); };
template <class Show>
auto maybe(Show show) {
  return [show](const auto& value) { return value ? show(*value) : std::string("absent"); };
}

void strings() {
  const auto get = [](const wire::Request& r) { return shown(r.string("f", 2, 4), as_is); };
  const auto optional = [](const wire::Request& r) {
    return shown(r.optional_string("f", 2, 4), maybe(as_is));
  };
  const auto text = [](const wire::Request& r) { return shown(r.text("f", 4), as_is); };
  const auto choice = [](const wire::Request& r) {
    return shown(r.choice("f", {"auto", "explicit"}), as_is);
  };
  const auto optional_choice = [](const wire::Request& r) {
    return shown(r.optional_choice("f", {"auto", "explicit"}), maybe(as_is));
  };
  field("", "bad_field f", get);
  field("\"ab\"", "=ab", get);
  field("\"abcd\"", "=abcd", get);
  field("\"a\"", "bad_field f", get);
  field("\"abcde\"", "bad_field f", get);
  field("\"\\u00e9\"", "=\xc3\xa9", get);
  field("\"\\u00e9\\u00e9\\u00e9\"", "bad_field f", get);
  for (const char* wrong : {"null", "1", "true", "[\"ab\"]", "{}"}) {
    field(wrong, "bad_field f", get);
    field(wrong, "bad_field f", optional);
    field(wrong, "bad_field f", text);
    field(wrong, "bad_field f", choice);
    field(wrong, "bad_field f", optional_choice);
  }
  field("", "absent", optional);
  field("\"abc\"", "=abc", optional);
  field("\"abcde\"", "bad_field f", optional);
  field("", "bad_field f", text);
  field("\"\"", "bad_field f", text);
  field("\"abcd\"", "=abcd", text);
  field("\"abcde\"", "text_too_long", text);
  field("\"\\r\\n\\u001b\"", "=\r\n\x1b", text);
  field("\"auto\"", "=auto", choice);
  field("\"Auto\"", "bad_field f", choice);
  field("\"\"", "bad_field f", choice);
  field("", "bad_field f", choice);
  field("", "absent", optional_choice);
  field("\"explicit\"", "=explicit", optional_choice);
}

void integers() {
  const auto get = [](const wire::Request& r) { return shown(r.integer("f", 0), number); };
  const auto limit = [](const wire::Request& r) {
    return shown(r.optional_integer("f", 1, 200), maybe(number));
  };
  for (const char* bad : {"-1", "9007199254740992", "9007199254740993", "1e999", "-1e999", "0.5", "1e-1",
                          "1.5", "\"1\"", "null", "true", "[1]", "{}", "18446744073709551616", "1e400"}) {
    field(bad, "bad_field f", get);
    field(bad, "bad_field f", limit);
  }
  field("", "bad_field f", get);
  field("0", "0", get);
  field("-0.0", "0", get);
  field("1.0", "1", get);
  field("10e-1", "1", get);
  field("9007199254740991", "9007199254740991", get);
  field("9007199254740991.0", "9007199254740991", get);
  field("0.9007199254740991e16", "9007199254740991", get);
  field("", "absent", limit);
  field("0", "bad_field f", limit);
  field("200", "200", limit);
  field("2e2", "200", limit);
  field("201", "bad_field f", limit);
}

void booleans() {
  const auto get = [](const wire::Request& r) { return shown(r.boolean("f"), truth); };
  const auto optional = [](const wire::Request& r) { return shown(r.optional_boolean("f"), maybe(truth)); };
  for (const char* wrong : {"null", "0", "1", "\"true\"", "[]"}) {
    field(wrong, "bad_field f", get);
    field(wrong, "bad_field f", optional);
  }
  field("", "bad_field f", get);
  field("true", "yes", get);
  field("false", "no", get);
  field("", "absent", optional);
  field("true", "yes", optional);
}

void names() {
  const auto user = [](const wire::Request& r) { return shown(r.user("f"), as_is); };
  const auto group = [](const wire::Request& r) { return shown(r.group("f"), as_is); };
  const auto address = [](const wire::Request& r) {
    return shown(r.address("f"), [](const wire::Address& a) { return a.kind + ("=" + a.name); });
  };
  const auto users = [](const wire::Request& r) {
    return shown(r.users("f", 3), [](const std::vector<std::string>& list) {
      std::string out = "=";
      for (const std::string& name : list) out += name + ";";
      return out;
    });
  };
  const std::string n32(32, 'a');
  for (const char* bad : {"",       "null",    "1",        "{}",      "[1]",      "\"\"",        "\"Ann\"",
                          "\"-a\"", "\".a\"",  "\"_a\"",   "\"a b\"", "\"a\\n\"", "\"\\u00e9\"", "\"@\"",
                          "\"#\"",  "\"@@a\"", "\"@Ann\"", "\"# a\"", "\"!a\"",   "\"@-a\""}) {
    field(bad, "bad_field f", user);
    field(bad, "bad_field f", group);
    field(bad, "bad_field f", address);
    field(bad, "bad_field f", users);
  }
  field("\"ann\"", "=ann", user);
  field("\"0_a.-\"", "=0_a.-", user);
  field("\"" + n32 + "\"", "=" + n32, user);
  field("\"" + n32 + "a\"", "bad_field f", user);
  field("\"@ann\"", "bad_field f", user);
  field("\"#lobby\"", "=lobby", group);
  field("\"@lobby\"", "bad_field f", group);
  field("\"lobby\"", "bad_field f", group);
  field("\"@ann\"", "@=ann", address);
  field("\"\\u0040ann\"", "@=ann", address);
  field("\"#" + n32 + "\"", "#=" + n32, address);
  field("\"#" + n32 + "a\"", "bad_field f", address);
  field("\"ann\"", "bad_field f", address);
  field("[]", "=", users);
  field(R"(["a","b","a"])", "=a;b;a;", users);
  field(R"(["a","b","c","d"])", "bad_field f", users);
  field(R"(["a",null])", "bad_field f", users);
  field(R"(["a","B"])", "bad_field f", users);
  field(R"(["@a"])", "bad_field f", users);
  field(R"([["a"]])", "bad_field f", users);
  field(R"({"a":"b"})", "bad_field f", users);
}

std::string hint(const std::string& frame) {
  std::string id;
  auto request = wire::parse(frame, id);
  return request ? request->conversation_hint() : "?";
}

void hints() {
  tap::is(hint(R"({"op":"ack","conv":"@ann"})"), "@ann", "the hint is conv");
  tap::is(hint(R"({"op":"typing","to":"#x"})"), "#x", "or else to");
  tap::is(hint(R"({"op":"ack","conv":"@Ann"})"), "@Ann", "well-formed or not");
  tap::is(hint(R"({"op":"ack","conv":7,"to":"@a"})"), "", "but a string");
  tap::is(hint(R"({"op":"ack","conv":")" + b64 + "\"}"), b64, "longer than any address");
  tap::is(hint(R"({"op":"ack","conv":")" + b64 + "x\"}"), b64, "and then cut");
  tap::is(hint(R"({"op":"ack"})"), "", "or nothing");
}

// Ten thousand keys: sorted, not compared each with each.
void many_keys() {
  std::string frame = R"({"op":"x")";
  for (int i = 0; i < 10000; ++i) frame += ",\"" + std::to_string(i) + "\":1";
  tap::is(verdict(frame + "}"), "ok id=", "ten thousand different keys");
  tap::is(verdict(frame + ",\"9999\":1}"), "bad_field 9999 id=", "and one of them twice");
}

}  // namespace

int main() {
  for (const Case& c : frames) tap::is(verdict(c.frame), c.expected, c.frame.substr(0, 70));
  strings();
  integers();
  booleans();
  names();
  hints();
  many_keys();
  return tap::done();
}
