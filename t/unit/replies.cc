// A session's small parts: replies in the order of their requests, and what the server acknowledges by
// itself.
#include "worker/session/replies.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tap.h"
#include "worker/session/auto_ack.h"

namespace {

using session::AutoAck;
using session::Replies;

void in_order() {
  std::string out;
  int writes = 0;
  Replies replies([&](const std::string& frame) {
    out += frame;
    ++writes;
  });
  const auto a = replies.open(), b = replies.open(), c = replies.open(), d = replies.open();
  tap::is(replies.pending(), size_t{4}, "four places are open");
  replies.fill(b, "b");
  replies.fill(d, "d");
  tap::is(out, std::string(), "what is ready early waits");
  replies.fill(a, "a");
  tap::is(out, std::string("ab"), "for those before it");
  tap::is(replies.pending(), size_t{2}, "two are left");
  const auto e = replies.open();
  replies.fill(e, "e");
  replies.fill(c, "");
  tap::is(out, std::string("abde"), "an empty frame closes its place");
  tap::is(writes, 4, "in silence");
  tap::is(replies.pending(), size_t{0}, "none is left");
  replies.fill(replies.open(), "f");
  tap::is(out, std::string("abdef"), "and then at once");
}

void shuffled() {
  std::mt19937 random(1);
  bool ordered = true;
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> out;
    Replies replies([&out](const std::string& frame) { out.push_back(frame); });
    std::vector<Replies::Place> open;
    int asked = 0;
    while (asked < 60 || !open.empty()) {
      if (asked < 60 && random() % 2 == 0) {
        open.push_back(replies.open());
        ++asked;
      } else if (!open.empty()) {
        std::swap(open[random() % open.size()], open.back());
        replies.fill(open.back(), std::to_string(open.back()));
        open.pop_back();
      }
    }
    ordered &= out.size() == 60 && replies.pending() == 0;
    for (size_t i = 0; i < out.size(); ++i) ordered &= out[i] == std::to_string(i);
  }
  tap::ok(ordered, "filled in any order, opened in between: they leave in order");
}

std::string written(AutoAck& acks, uint64_t total) {
  std::string out;
  acks.written(total, [&out](int64_t conv, int64_t seq) {
    out += std::to_string(conv) + ':' + std::to_string(seq) + ' ';
  });
  return out;
}

void acknowledged() {
  AutoAck acks;
  tap::is(written(acks, 1000), std::string(), "nothing was marked");
  acks.mark(1100, 1, 5);
  acks.mark(1200, 2, 8);
  acks.mark(1200, 1, 6);
  acks.mark(1300, 1, 7);
  tap::is(written(acks, 1099), std::string(), "a byte is missing");
  tap::is(written(acks, 1100), std::string("1:5 "), "it has left");
  tap::is(written(acks, 1299), std::string("2:8 1:6 "), "two more, in order");
  tap::is(written(acks, 1299), std::string(), "each once");
  tap::is(written(acks, 5000), std::string("1:7 "), "and the last");
}

}  // namespace

int main() {
  in_order();
  shuffled();
  acknowledged();
  return tap::done();
}
