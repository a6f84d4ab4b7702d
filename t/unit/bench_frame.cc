// How chatbench reads a server's frames: the fields it wants out of any JSON object, and nothing out of junk.
#include "bench/frame.h"
#include "tap.h"

namespace {

using bench::Frame;
using bench::read_frame;

void test_fields() {
  Frame frame;
  tap::ok(read_frame(R"({"event":"message","from":"ann","to":"@bob","seq":12,"ts":1,"text":"a b","cid":"c"})",
                     frame),
          "a message");
  tap::ok(frame.event == "message" && frame.from == "ann" && frame.to == "@bob" && frame.text == "a b",
          "its texts");
  tap::is(frame.seq, 12, "its seq");
  tap::ok(frame.ok == Frame::Ok::absent && frame.id == -1, "no reply");

  Frame ok;
  tap::ok(read_frame("  { \"id\" : 7 , \"ok\" : true,\"seq\":9007199254740991 }\r", ok),
          "blanks where JSON has them");
  tap::ok(ok.ok == Frame::Ok::yes && ok.id == 7 && ok.seq == 9007199254740991, "a reply");

  Frame no;
  tap::ok(read_frame(R"({"id":8,"ok":false,"error":"busy","retry_ms":250})", no), "a refusal");
  tap::ok(no.ok == Frame::Ok::no && no.error == "busy" && no.retry_ms == 250, "its fields");
}

void test_other_values() {
  Frame frame;
  const char* line = R"({"a":[1,{"seq":5,"b":"}]\"{"}],"n":null,"f":-1.5e3,"text":"q\"\\","o":{},"seq":4})";
  tap::ok(read_frame(line, frame), "values of every kind");
  tap::is(frame.seq, 4, "what is nested is not looked at");
  tap::is(std::string(frame.text), std::string(R"(q\"\\)"),
          "a text ends at its own quote, and stays escaped");
  Frame typed;
  tap::ok(read_frame(R"({"seq":"5","text":7})", typed) && typed.seq == -1 && typed.text.empty(),
          "of another type: absent");
  Frame empty;
  tap::ok(read_frame("{}", empty), "an empty object");
}

void test_junk() {
  for (const char* line :
       {"", "{", "}", "[]", "7", "{\"a\"}", "{\"a\":}", "{\"a\":1", "{\"a\":1}x", "{\"a\":\"b}",
        "{\"a\":\"\\\"}", "{\"a\":[1}", "{a:1}", "{\"a\":1,}", "{\"a\":{\"b\":\"}"}) {
    Frame frame;
    tap::ok(!read_frame(line, frame), std::string("no object: ") + line);
  }
}

}  // namespace

int main() {
  test_fields();
  test_other_values();
  test_junk();
  return tap::done();
}
