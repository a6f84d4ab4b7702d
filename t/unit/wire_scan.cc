// The scan against a table of good and bad texts: what RFC 8259 forbids, what we forbid besides, and what
// cJSON would take in silence.
#include "worker/wire/scan.h"

#include <string>
#include <vector>

#include "tap.h"
#include "worker/wire/json.h"
#include "worker/wire/number.h"

namespace {

using namespace std::string_literals;

struct Bad {
  std::string text;
  std::string reason;
  size_t offset;
};

const std::vector<std::string> good = {
    "{}",
    " \t\r\n{ } \t\r\n",
    "[]",
    "[ ]",
    "[1,2 , 3]",
    "\"\"",
    "0",
    "-0",
    "-0.0e-0",
    "10",
    "1E+9",
    "1.50e10",
    "1e999",
    "true",
    "false",
    "null",
    R"({"a":{"b":[{"c":null}]}})",
    R"({"a":1,"a":2})",
    R"({"":""})",
    R"("\"\\\/\b\f\n\r\t")",
    R"("\u0001\u001f\u007F\u00e9\uABCD\uabcd")",
    R"("\ud83d\ude00 \uD800\uDC00 \uDBFF\uDFFF \uD7FF\uE000")",
    "\"\x7f\"",
    "\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"",
    "\"\xef\xbb\xbf inside\"",
    "\"\xef\xbf\xbf \xf4\x8f\xbf\xbf\"",
    "\"a slash / and 'quotes'\"",
    std::string(16, '[') + std::string(16, ']'),
    "[" + std::string(200, '9') + "]",
    "[0." + std::string(200, '3') + "e5]",
};

const std::vector<Bad> bad = {
    {"", "the text ends early", 0},
    {"   ", "the text ends early", 3},
    {"\xef\xbb\xbf{}", "byte order mark", 0},
    {"\xef\xbb{}", "not UTF-8", 0},
    {"{}x", "junk after the value", 2},
    {"{} {}", "junk after the value", 3},
    {"{},", "junk after the value", 2},
    {"{}\0"s, "junk after the value", 2},
    {"\0"s, "no value", 0},
    {"\0{}"s, "no value", 0},
    {"{\0}"s, "no key", 1},
    {"[1\0]"s, "neither comma nor ] in an array", 2},
    {"1\0"s, "junk after the value", 1},
    {"{}\f", "junk after the value", 2},
    {"{}\v", "junk after the value", 2},
    {"{}\xc2\xa0", "junk after the value", 2},
    {"{", "no key", 1},
    {"}", "no value", 0},
    {"[", "the text ends early", 1},
    {"]", "no value", 0},
    {"[1,]", "no value", 3},
    {"[,1]", "no value", 1},
    {"[1 2]", "neither comma nor ] in an array", 3},
    {"[1", "neither comma nor ] in an array", 2},
    {"[1}", "neither comma nor ] in an array", 2},
    {"{\"a\"}", "no colon after the key", 4},
    {"{\"a\":}", "no value", 5},
    {"{\"a\":1,}", "no key", 7},
    {"{,}", "no key", 1},
    {"{a:1}", "no key", 1},
    {"{'a':1}", "no key", 1},
    {"{1:1}", "no key", 1},
    {"{\"a\":1 \"b\":2}", "neither comma nor } in an object", 7},
    {"{\"a\":1]", "neither comma nor } in an object", 6},
    {"{\"a\":1", "neither comma nor } in an object", 6},
    {"01", "leading zero", 2},
    {"-01", "leading zero", 3},
    {"00", "leading zero", 2},
    {"+1", "no value", 0},
    {".5", "no value", 0},
    {"1.", "no digit in a number", 2},
    {"1.e5", "no digit in a number", 2},
    {"-", "no digit in a number", 1},
    {"--1", "no digit in a number", 1},
    {"-.5", "no digit in a number", 1},
    {"1e", "no digit in a number", 2},
    {"1e+", "no digit in a number", 3},
    {"1e+-1", "no digit in a number", 3},
    {"1.5.5", "junk after the value", 3},
    {"0x10", "junk after the value", 1},
    {"1_000", "junk after the value", 1},
    {"NaN", "no value", 0},
    {"Infinity", "no value", 0},
    {"-Infinity", "no digit in a number", 1},
    {"True", "no value", 0},
    {"nul", "unknown word", 0},
    {"nulll", "junk after the value", 4},
    {"truefalse", "junk after the value", 4},
    {"undefined", "no value", 0},
    {"// hello\n{}", "no value", 0},
    {"{}/**/", "junk after the value", 2},
    {"'a'", "no value", 0},
    {"\"", "a string without end", 1},
    {"\"abc", "a string without end", 4},
    {"\"abc\\\"", "a string without end", 6},
    {"\"\\", "unknown escape", 2},
    {"\"\\a\"", "unknown escape", 2},
    {"\"\\x41\"", "unknown escape", 2},
    {"\"\\U0041\"", "unknown escape", 2},
    {"\"\\\0\""s, "unknown escape", 2},
    {"\"\\u\"", "bad \\u escape", 2},
    {"\"\\u12\"", "bad \\u escape", 2},
    {"\"\\u12g4\"", "bad \\u escape", 2},
    {"\"\\u 123\"", "bad \\u escape", 2},
    {"\"\\u123", "bad \\u escape", 2},
    {"\"\\u0000\"", "\\u0000", 2},
    {"{\"a\\u0000\":1}", "\\u0000", 4},
    {"{\"x\":[[\"\\u0000\"]]}", "\\u0000", 9},
    {"\"\\ud800\"", "lone surrogate", 2},
    {"\"\\udc00\"", "lone surrogate", 2},
    {"\"\\uDFFF\"", "lone surrogate", 2},
    {"\"\\ud800x\"", "lone surrogate", 2},
    {"\"\\ud800\\n\"", "lone surrogate", 2},
    {"\"\\ud800\\u0041\"", "lone surrogate", 8},
    {"\"\\ud800\\ud800\"", "lone surrogate", 8},
    {"\"\\ud800\\udc\"", "lone surrogate", 8},
    {"\"\\ude00\\ud83d\"", "lone surrogate", 2},
    {"\"a\nb\"", "raw control character", 2},
    {"\"a\tb\"", "raw control character", 2},
    {"\"\x1f\"", "raw control character", 1},
    {"\"\x01\"", "raw control character", 1},
    {"\"\0\""s, "raw control character", 1},
    {"\"12345678\x02"
     "12345678\"",
     "raw control character", 9},
    {"\"\x80\"", "not UTF-8", 1},
    {"\"\xc3\"", "not UTF-8", 1},
    {"\"\xc0\xaf\"", "not UTF-8", 1},
    {"\"\xc1\xbf\"", "not UTF-8", 1},
    {"\"\xe0\x80\xaf\"", "not UTF-8", 1},
    {"\"\xed\xa0\x80\"", "not UTF-8", 1},
    {"\"\xf0\x80\x80\x80\"", "not UTF-8", 1},
    {"\"\xf4\x90\x80\x80\"", "not UTF-8", 1},
    {"\"\xf5\x80\x80\x80\"", "not UTF-8", 1},
    {"\"\xfe\"", "not UTF-8", 1},
    {"\"caf\xc3\xa9 \xff\"", "not UTF-8", 7},
    {"\"\xe2\x82", "not UTF-8", 1},
    {std::string(17, '[') + std::string(17, ']'), "nested too deep", 16},
    {std::string(65536, '['), "nested too deep", 16},
    {R"({"a":[[[[[[[[[[[[[[[{}]]]]]]]]]]]]]]]})", "nested too deep", 20},
};

std::string printable(const std::string& text) {
  std::string out;
  for (unsigned char c : text.substr(0, 40)) {
    char hex[8];
    std::snprintf(hex, sizeof hex, c < 0x20 || c > 0x7e || c == '#' ? "<%02x>" : "%c", c);
    out += hex;
  }
  return out;
}

bool cjson_takes(const std::string& text) {
  const wire::Scan seen = wire::scan(text);
  return wire::json_tree(seen.odd_numbers ? wire::plain_numbers(text) : text) != nullptr;
}

void number_is(const std::string& number, const std::string& plain) {
  tap::is(wire::plain_numbers("[" + number + "]"), "[" + plain + "]", "plain: " + number.substr(0, 40));
}

}  // namespace

int main() {
  for (const std::string& text : good) {
    const wire::Scan seen = wire::scan(text);
    tap::is(std::string(seen.error != nullptr ? seen.error : "good"), "good", "good: " + printable(text));
    tap::ok(cjson_takes(text), "  and cJSON takes it");
  }
  for (const Bad& b : bad) {
    const wire::Scan seen = wire::scan(b.text);
    tap::is(seen.error != nullptr ? seen.detail() : "good", b.reason + " at byte " + std::to_string(b.offset),
            "bad: " + printable(b.text));
  }

  // Each control, at each place within the eight bytes that are looked at together.
  bool refused = true;
  for (int c = 0; c < 0x20; ++c)
    for (size_t i = 1; i <= 20; ++i) {
      std::string text = "\"" + std::string(20, 'x') + "\"";
      text[i] = static_cast<char>(c);
      refused = refused && wire::scan(text).offset == i;
    }
  tap::ok(refused, "a raw control is found wherever it stands");

  // A prefix of a good object is never good.
  const std::string whole = R"({"op":"send","id":-1.5e3,"text":"a\ud83d\ude00\n","x":[true,null,{}]})";
  bool cut = static_cast<bool>(wire::scan(whole));
  for (size_t n = 0; n < whole.size(); ++n) cut = cut && !wire::scan(std::string_view(whole).substr(0, n));
  tap::ok(cut, "no text that is cut short is good");

  number_is("7", "7");
  number_is("1.0", "1");
  number_is("-0", "0");
  number_is("0.0e99999999999999999999", "0");
  number_is("-1.50e2", "-150");
  number_is("1500e-2", "15");
  number_is("1.5", "0.5");
  number_is("1e-400", "0.5");
  number_is("1e999", "1e999");
  number_is("1e18446744073709551616", "1e999");
  number_is("-1e99999999999999999999", "-1e999");
  number_is("1e17", "100000000000000000");
  number_is("1e18", "1e999");
  number_is("1.00000000000000000001", "0.5");
  number_is("1." + std::string(100, '0'), "1");
  number_is("0." + std::string(99, '0') + "1e100", "1");
  number_is(std::string(100, '9'), "1e999");
  tap::is(wire::plain_numbers(R"({"1.0\"2.0":"3.0\\","x":[4.0,-5.0 ,"\u0036.0"]})"),
          R"({"1.0\"2.0":"3.0\\","x":[4,-5 ,"\u0036.0"]})", "plain: strings stay as they are");
  return tap::done();
}
