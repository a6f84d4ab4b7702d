// The client's pure parts: what was seen and may be acknowledged, what waits to be sent, what frames say.
#include "client/address.h"
#include "client/frame.h"
#include "client/outbox.h"
#include "client/seen.h"
#include "tap.h"

namespace {

using client::Outbox;
using client::Outgoing;
using client::Seen;

// "@bob:5 @eve:1": what is due, in order.
std::string due(Seen& seen) {
  std::string out;
  for (const auto& [conv, seq] : seen.take_due())
    out += (out.empty() ? "" : " ") + conv + ":" + std::to_string(seq);
  return out;
}

void test_events() {
  Seen seen;
  tap::ok(seen.event("@bob", 7), "the first event is new, wherever it begins");
  tap::is(due(seen), std::string("@bob:7"), "and acknowledges up to itself");
  tap::ok(seen.event("@bob", 8) && seen.event("@bob", 9), "the next ones are new");
  tap::is(due(seen), std::string("@bob:9"), "one acknowledgement for both");
  tap::is(due(seen), std::string(""), "and then no more");
  tap::ok(!seen.event("@bob", 8), "a repeated one is dropped");
  tap::is(due(seen), std::string("@bob:9"), "but acknowledged again, as far as it goes");
  tap::ok(seen.event("@eve", 1), "conversations are apart");
  tap::is(due(seen), std::string("@eve:1"), "also in what is due");
}

void test_replies() {
  Seen seen;
  tap::ok(seen.reply("@bob", 1), "an own first message begins a conversation");
  tap::is(due(seen), std::string("@bob:1"), "so it is acknowledged");
  tap::ok(seen.reply("@bob", 3), "a reply ahead of an event is new");
  tap::is(due(seen), std::string(""), "and waits for the event");
  tap::ok(seen.event("@bob", 2), "which comes");
  tap::is(due(seen), std::string("@bob:3"), "and both are acknowledged");

  tap::ok(seen.reply("@eve", 5) && seen.reply("@eve", 6),
          "replies in a conversation whose beginning is unknown");
  tap::is(due(seen), std::string(""), "wait: something below may not have been seen");
  tap::ok(seen.event("@eve", 4), "the first event tells the beginning");
  tap::is(due(seen), std::string("@eve:6"), "and frees them");
  tap::ok(!seen.event("@eve", 5) && !seen.event("@eve", 6), "their own events are dropped");
}

void test_reconnect() {
  Seen seen;
  for (int seq = 1; seq <= 5; ++seq) seen.event("@bob", seq);
  seen.restart();
  tap::is(due(seen), std::string(""), "a new connection owes nothing of the old one");
  tap::ok(!seen.event("@bob", 4) && !seen.event("@bob", 5), "what comes again is dropped");
  tap::ok(seen.event("@bob", 6), "what is new is not");
  tap::is(due(seen), std::string("@bob:6"), "and all is acknowledged");
  seen.restart();
  tap::ok(seen.reply("@bob", 9), "a reply while another device read on");
  tap::is(due(seen), std::string(""), "waits");
  tap::ok(seen.event("@bob", 10), "the first event begins above it");
  tap::is(due(seen), std::string("@bob:10"), "so all below is settled");

  Seen again;
  for (const auto& [conv, seq] : seen.known()) again.assume(conv, seq);
  tap::ok(!again.event("@bob", 10) && again.event("@bob", 11), "what was seen by an earlier one is dropped");
  tap::is(due(again), std::string("@bob:11"), "and acknowledged");

  Seen many;
  for (int seq = 2; seq < 3000; seq += 2) many.reply("@bob", seq);
  tap::ok(many.event("@bob", 1), "many gaps are bounded");
  tap::is(due(many), std::string("@bob:1"), "and nothing is acknowledged across one");
}

Outgoing message(const std::string& cid) {
  return Outgoing{cid, "@bob", "text", 0, 0};
}

void test_outbox() {
  Outbox outbox(2);
  for (const char* cid : {"a", "b", "c"}) outbox.add(message(cid));
  outbox.next(100)->request = 1;
  outbox.next(100)->request = 2;
  tap::ok(outbox.next(100) == nullptr, "no more than the window are under way");
  tap::is(outbox.take_request(1)->cid, std::string("a"), "a reply takes its own out");
  tap::ok(!outbox.take_request(1), "once");
  tap::is(outbox.next(100)->cid, std::string("c"), "and makes room");
  outbox.postpone(2, 500);
  tap::ok(outbox.next(499) == nullptr, "one that has to wait holds back those behind it");
  tap::is(outbox.next(500)->cid, std::string("b"), "and goes first");
  outbox.next(500)->request = 3;
  outbox.lost();
  tap::is(outbox.next(0)->cid, std::string("b"), "after a loss it begins again, in order");
  tap::ok(outbox.take_cid("b") && outbox.take_cid("c") && outbox.empty(), "an event takes out by cid");
}

void test_frames() {
  const auto parse = [](const char* line) { return client::Json::parse(line).has_value(); };
  tap::ok(parse(R"({"a":1})") && parse(" {} \r"), "objects");
  tap::ok(!parse("[]") && !parse("1") && !parse("") && !parse("{} x") && !parse("{\"a\":\"\xff\"}"),
          "nothing else");
  const auto json = client::Json::parse(R"({"a":1.0,"b":1.5,"c":9007199254740993,"d":"x","A":2,"e":true})");
  tap::is(json->number("a").value_or(-1), 1, "a whole number, by its value");
  tap::ok(!json->number("b") && !json->number("c") && !json->number("d") && !json->text("a"),
          "types are kept apart");
  tap::ok(json->flag("e") && !json->flag("a") && !json->flag("z"), "a flag is true or not");
  tap::is(
      client::Json::request("send").add_text("text", "a\"\n\x1b").add_number("id", 9007199254740991).print(),
      std::string(R"({"op":"send","text":"a\"\n\u001b","id":9007199254740991})"), "a request on one line");

  const auto event = client::Json::parse(R"({"from":"bob","to":"@me","seq":3,"ts":5,"text":"t","cid":"c"})");
  const auto got = client::read_message(*event);
  tap::ok(got && got->seq == 3 && got->cid == "c", "a message");
  tap::is(client::conversation(*got, "me"), std::string("@bob"), "its conversation is who wrote");
  tap::is(client::conversation(*got, "bob"), std::string("@me"), "or whom I wrote to");
  tap::ok(!client::read_message(*client::Json::parse(R"({"from":"bob","to":"@me","seq":0})")),
          "half a message");
  const auto refused =
      client::Json::parse(R"({"ok":false,"error":"busy","detail":"\u001b[2J","retry_ms":7})");
  const auto reply = client::read_reply(*refused);
  tap::ok(!reply.ok && reply.refusal.passing() && reply.refusal.retry_ms == 7, "a refusal that passes");
  tap::is(reply.refusal.text(), std::string("busy: \\x1b[2J"), "shown without its escapes");
  const client::Refusal odd{"b\x1b", "", 0};
  tap::is(odd.text(), std::string("b\\x1b"), "nor its code's");
}

void test_addresses() {
  const auto text = [](const char* typed) {
    auto address = client::parse_address(typed);
    return address ? address->text() : "";
  };
  for (const char* right : {"127.0.0.1:8000", "[::1]:8000", "chat.example.org:1"})
    tap::is(text(right), std::string(right), right);
  for (const char* wrong : {"", "host", ":1", "host:", "host:0", "host:65536", "::1:8000", "[]:1", "host:x"})
    tap::is(text(wrong), std::string(""), std::string("not '") + wrong + "'");
}

}  // namespace

int main() {
  test_events();
  test_replies();
  test_reconnect();
  test_outbox();
  test_frames();
  test_addresses();
  return tap::done();
}
