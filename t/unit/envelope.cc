// The header in front of an event's bytes: what goes in comes out, and garbage never does.
#include "worker/bus/envelope.h"

#include <limits>
#include <random>
#include <string>

#include "tap.h"

using bus::Envelope;
using bus::Kind;

namespace {

Envelope sample() {
  Envelope e;
  e.origin = 0xfedcba9876543210;
  e.conv = 7;
  e.seq = std::numeric_limits<int64_t>::max();
  e.epoch = 3;
  e.from = 258;
  e.to = 0;
  return e;
}

bool same(const Envelope& a, const Envelope& b) {
  return a.kind == b.kind && a.origin == b.origin && a.conv == b.conv && a.seq == b.seq &&
         a.epoch == b.epoch && a.from == b.from && a.to == b.to;
}

bool refused(const Envelope& e) {
  return !bus::decode(bus::encode(e, "x"));
}

void round_trip() {
  const std::string event("{\"event\":\"message\"}\0\xff", 21);
  const std::string bytes = bus::encode(sample(), event);
  const auto decoded = bus::decode(bytes);
  if (!tap::ok(decoded.has_value(), "what was encoded decodes")) return;
  tap::ok(same(decoded->envelope, sample()), "to the same envelope");
  tap::ok(decoded->event == event, "and the same bytes");
  tap::is(bytes.size(), 50 + event.size(), "behind 50 bytes of header");
  tap::ok(bytes.substr(2, 8) == "\x10\x32\x54\x76\x98\xba\xdc\xfe", "which are little-endian");
  const auto empty = bus::decode(std::string_view(bytes).substr(0, 50));
  tap::ok(empty && empty->event.empty(), "an envelope without an event is one");
}

void garbage() {
  const std::string good = bus::encode(sample(), "{}");
  bool none = true;
  for (size_t size = 0; size < 50; ++size) none &= !bus::decode(std::string_view(good).substr(0, size));
  tap::ok(none, "cut short anywhere in the header: refused");
  tap::ok(!bus::decode("hello, this is a text that is longer than any header would be, by far"),
          "text: refused");
  std::string bad = good;
  bad[0] = '\x01';
  tap::ok(!bus::decode(bad), "another version: refused");
  for (const char kind : {'\x00', '\x05', '\xff'}) {
    bad = good;
    bad[1] = kind;
    tap::ok(!bus::decode(bad), "an unknown kind: refused");
  }
}

void implausible() {
  for (int64_t Envelope::*field : {&Envelope::conv, &Envelope::seq, &Envelope::from}) {
    Envelope e = sample();
    e.*field = 0;
    tap::ok(refused(e), "a message without conversation, number or sender: refused");
    e.*field = -1;
    tap::ok(refused(e), "a negative one: refused");
  }
  Envelope e = sample();
  e.origin = 0;
  tap::ok(refused(e), "no origin: refused");
  e = sample();
  e.to = -5;
  tap::ok(refused(e), "a negative user: refused");
  Envelope beat;
  beat.kind = Kind::beat;
  beat.origin = 1;
  tap::ok(!refused(beat), "a beat needs its origin only");
  Envelope event;
  event.kind = Kind::event;
  event.origin = 1;
  tap::ok(refused(event), "an event for nobody: refused");
  event.to = 7;
  tap::ok(!refused(event), "an event for a user");
  event.to = 0;
  event.conv = 9;
  tap::ok(!refused(event), "an event for a group");
  Envelope left;
  left.kind = Kind::left;
  left.origin = left.conv = left.epoch = 1;
  tap::ok(!refused(left), "everybody has left a group");
  left.kind = Kind::joined;
  tap::ok(refused(left), "everybody has joined: refused");
  for (const Kind kind : {Kind::contacts, Kind::session_came, Kind::session_left}) {
    Envelope of_user;
    of_user.kind = kind;
    of_user.origin = 1;
    tap::ok(refused(of_user), "what is told of a user, of none: refused");
    of_user.to = 7;
    tap::ok(!refused(of_user), "of one");
  }
}

void ids() {
  const std::vector<int64_t> some = {1, 258, std::numeric_limits<int64_t>::max()};
  const std::string bytes = bus::encode_ids(some);
  tap::is(bytes.size(), size_t{24}, "ids: eight bytes each");
  tap::ok(bus::decode_ids(bytes) == some, "the same come out");
  tap::ok(bus::decode_ids(bytes.substr(0, 23)).size() == 2, "cut short: those that are whole");
  tap::ok(bus::decode_ids(std::string(8, '\0') + std::string(8, '\xff') + bytes) == some,
          "what is no id is left out");
  tap::ok(bus::decode_ids("").empty(), "none");
}

void random_bytes() {
  std::mt19937 random(1);
  size_t accepted = 0;
  for (int i = 0; i < 100000; ++i) {
    std::string bytes(random() % 80, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    if (bus::decode(bytes)) ++accepted;
  }
  tap::is(accepted, size_t{0}, "a hundred thousand random strings: none is taken for an envelope");
}

}  // namespace

int main() {
  round_trip();
  garbage();
  implausible();
  ids();
  random_bytes();
  return tap::done();
}
