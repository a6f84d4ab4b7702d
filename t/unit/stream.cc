// A stream on a socket pair: the bounds of its input, pause, discard, output that drains, a peer that is
// gone, and the half that is closed.
#include "worker/net/stream.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <string>

#include "turns.h"

namespace {

using net::Stream;

constexpr size_t limit = 1000;

std::string pattern(size_t size) {
  std::string bytes(size, ' ');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>('a' + i * 31 % 26);
  return bytes;
}

// A stream, and its peer as the test holds it.
struct Both {
  explicit Both(loop::Loop& loop) : loop(loop) {
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) != 0) std::abort();
    const int small = 4096;
    setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    stream.emplace(loop, base::Fd(fds[0]), limit);
    peer.reset(fds[1]);
  }
  void say(const std::string& bytes) {
    if (::write(peer.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) std::abort();
  }
  // All that is there for the peer; "EOF" at the end of it where the stream has shut down.
  std::string hear() {
    std::string all;
    char buffer[8192];
    ssize_t n = 0;
    while ((n = ::read(peer.get(), buffer, sizeof buffer)) > 0) all.append(buffer, static_cast<size_t>(n));
    return n == 0 ? all + "EOF" : all;
  }
  std::string input() const { return std::string(stream->input()); }

  loop::Loop& loop;
  std::optional<Stream> stream;
  base::Fd peer;
};

loop::Task<void> count_wakes(loop::Signal& signal, loop::Loop& loop, int& wakes) {
  for (;;) {
    const bool woken = co_await signal.wait(loop, loop::Millis(60000));
    if (woken) ++wakes;
  }
}

void input(loop::Loop& loop) {
  Both both(loop);
  tap::Roots roots(loop);
  int wakes = 0;
  roots.spawn(count_wakes(both.stream->arrived(), loop, wakes));
  both.say("hello ");
  tap::settle(loop);
  tap::is(both.input(), std::string("hello "), "what comes is there");
  tap::is(wakes, 1, "who waits for it is woken");
  both.say("world");
  tap::settle(loop);
  both.stream->consume(4);
  tap::is(both.input(), std::string("o world"), "consumed in part");
  both.say("!");
  tap::settle(loop);
  tap::is(both.input(), std::string("o world!"), "more joins what is left");
  both.stream->consume(8);
  tap::ok(both.input().empty() && wakes == 3, "all of it consumed");
  both.stream->interrupt();
  tap::settle(loop);
  tap::is(wakes, 4, "interrupt wakes too");
}

void input_limit(loop::Loop& loop) {
  Both both(loop);
  const std::string all = pattern(2 * limit + 500);
  both.say(all);
  tap::settle(loop, 5);
  tap::is(both.input().size(), limit, "reading stops at the limit");
  tap::ok(!both.stream->ended(), "and is no end");
  both.stream->consume(1);
  tap::settle(loop, 5);
  tap::ok(both.input() == all.substr(1, limit), "one byte consumed, one byte read");
  std::string got = all.substr(0, 1);
  while (got.size() < all.size()) {
    const size_t some = std::min<size_t>(both.input().size(), 333);
    got += both.input().substr(0, some);
    both.stream->consume(some);
    tap::settle(loop, 1);
  }
  tap::ok(got == all && both.input().empty(), "all of it comes, in order");
}

void paused(loop::Loop& loop) {
  Both both(loop);
  both.stream->pause(true);
  both.say("later");
  tap::settle(loop);
  tap::is(both.input(), std::string(), "a paused stream reads nothing");
  shutdown(both.peer.get(), SHUT_WR);
  tap::settle(loop);
  tap::ok(!both.stream->ended(), "nor the end");
  both.stream->pause(false);
  tap::settle(loop, 4);
  tap::is(both.input(), std::string("later"), "then it does");
  tap::ok(both.stream->ended() && !both.stream->broken(), "and the end");
}

void discarded(loop::Loop& loop) {
  Both both(loop);
  both.say(pattern(limit + 100));
  tap::settle(loop);
  both.stream->pause(true);
  both.stream->discard_input();
  tap::is(both.input(), std::string(), "what was there is thrown away");
  both.say(pattern(60000));
  tap::settle(loop, 6);
  tap::is(both.input(), std::string(), "what comes too, though the stream was full and paused");
  tap::Roots roots(loop);
  int wakes = 0;
  roots.spawn(count_wakes(both.stream->arrived(), loop, wakes));
  shutdown(both.peer.get(), SHUT_WR);
  tap::settle(loop);
  tap::ok(both.stream->ended() && wakes == 1, "the end is seen");
}

void output(loop::Loop& loop) {
  Both both(loop);
  both.stream->write("one ");
  both.stream->write("two");
  tap::is(both.hear(), std::string(), "written at the end of the turn");
  tap::ok(both.stream->queued() == 7 && both.stream->total_written() == 0, "until then it is queued");
  tap::settle(loop, 1);
  tap::is(both.hear(), std::string("one two"), "all of the turn at once");
  tap::ok(both.stream->queued() == 0 && both.stream->total() == 7 && both.stream->total_written() == 7,
          "and counted");
  both.stream->shut_down();
  tap::is(both.hear(), std::string("EOF"), "the peer sees the end");
}

// A peer that reads little at a time gets everything in order, and whoever waits for room is told.
void output_drains(loop::Loop& loop) {
  Both both(loop);
  tap::Roots roots(loop);
  int wakes = 0;
  roots.spawn(count_wakes(both.stream->drained(), loop, wakes));
  const std::string all = pattern(1 << 20);
  for (size_t i = 0; i < all.size(); i += 4096) both.stream->write(std::string_view(all).substr(i, 4096));
  tap::settle(loop);
  const size_t queued = both.stream->queued();
  tap::ok(queued > all.size() / 2, "a megabyte does not fit into the kernel");
  tap::settle(loop);
  tap::is(both.stream->queued(), queued, "nobody reads: it stays");
  std::string got;
  bool honest = true;
  tap::until(loop, [&] {
    got += both.hear();
    honest &= both.stream->total_written() >= got.size();
    if (got.size() == all.size() / 2) both.stream->write("");
    return got.size() == all.size();
  });
  tap::settle(loop);
  tap::ok(got == all, "all of it comes, in order");
  tap::ok(honest && both.stream->queued() == 0 && both.stream->total_written() == all.size(), "and counted");
  tap::ok(wakes > 2, "each time the kernel took something, who waits is woken");
  both.stream->write("more");
  tap::settle(loop, 1);
  tap::is(both.hear(), std::string("more"), "and it goes on");
}

void broken(loop::Loop& loop) {
  Both both(loop);
  tap::Roots roots(loop);
  int arrived = 0, drained = 0;
  roots.spawn(count_wakes(both.stream->arrived(), loop, arrived));
  both.stream->write(pattern(300000));
  tap::settle(loop);
  const uint64_t taken = both.stream->total_written();
  tap::ok(taken > 0 && taken < 300000, "the kernel takes a part");
  roots.spawn(count_wakes(both.stream->drained(), loop, drained));
  both.peer.reset();
  tap::settle(loop, 5);
  tap::ok(both.stream->broken() && both.stream->ended(), "the peer is gone: broken, and at its end");
  tap::ok(arrived > 0 && drained > 0, "whoever waits is told");
  tap::is(both.stream->total_written(), taken, "what the kernel did not take was not written");
  tap::is(both.stream->queued(), size_t{0}, "nothing is queued any more");
  both.stream->write("never");
  tap::settle(loop);
  tap::ok(both.stream->total_written() == taken && both.stream->total() == taken, "a later write is nothing");
  both.stream->discard_input();
  both.stream->pause(false);
  tap::settle(loop);
  tap::ok(both.stream->broken(), "and nothing brings it back");
}

void half_closed(loop::Loop& loop) {
  Both both(loop);
  both.say("last words");
  shutdown(both.peer.get(), SHUT_WR);
  tap::settle(loop, 4);
  tap::is(both.input(), std::string("last words"), "what was said before the end is there");
  tap::ok(both.stream->ended() && !both.stream->broken(), "the end, and not broken");
  both.stream->write("an answer");
  tap::settle(loop);
  tap::is(both.hear(), std::string("an answer"), "it can still be answered");
}

// The limit is reached exactly at the end of what was said: the end comes after room was made.
void end_behind_the_limit(loop::Loop& loop) {
  Both both(loop);
  both.say(pattern(limit));
  shutdown(both.peer.get(), SHUT_WR);
  tap::settle(loop, 5);
  tap::ok(both.input().size() == limit && !both.stream->ended(), "full, and the end not seen yet");
  both.stream->consume(limit);
  tap::settle(loop);
  tap::ok(both.stream->ended(), "room was made: the end");
}

loop::Task<void> destroys(Both& both) {
  co_await both.stream->arrived().wait(both.loop, loop::Millis(60000));
  both.stream->write("lost");
  both.stream.reset();
}

void destroyed(loop::Loop& loop) {
  Both both(loop);
  tap::Roots roots(loop);
  roots.spawn(destroys(both));
  both.say("x");
  tap::settle(loop);
  tap::ok(!both.stream, "a stream may die in the turn in which it was written to");
  tap::is(both.hear(), std::string("EOF"), "its peer sees the end");
}

}  // namespace

int main() {
  loop::Loop loop;
  input(loop);
  input_limit(loop);
  paused(loop);
  discarded(loop);
  output(loop);
  output_drains(loop);
  broken(loop);
  half_closed(loop);
  end_behind_the_limit(loop);
  destroyed(loop);
  return tap::done();
}
