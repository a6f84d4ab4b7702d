// See plain.h. Output is flushed line by line: whoever reads the pipe waits for it.
#include "client/plain.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

namespace client {

std::optional<std::string> Plain::take_line() {
  const size_t end = in_.find('\n');
  if (end != std::string::npos) {
    std::string line = in_.substr(0, end);
    in_.erase(0, end + 1);
    if (!std::exchange(skipping_, false)) return line;
    return take_line();
  }
  if (in_.size() > line_limit) {
    if (!skipping_) error("an input line is too long; it is left out");
    skipping_ = left_out_ = true;
    in_.clear();
  }
  if (end_ && skipping_) in_.clear();
  if (!end_ || in_.empty()) return std::nullopt;
  return std::exchange(in_, {});
}

void Plain::fill() {
  std::array<char, 16384> chunk;
  const ssize_t n = ::read(STDIN_FILENO, chunk.data(), chunk.size());
  if (n > 0)
    in_.append(chunk.data(), static_cast<size_t>(n));
  else if (n == 0 || (errno != EINTR && errno != EAGAIN))
    end_ = true;
}

std::optional<std::string> Plain::read(Pump& pump) {
  while (!pump.over()) {
    if (pump.hungry())
      if (auto line = take_line()) return line;
    if (end_ && in_.empty()) break;
    pollfd input{end_ || !pump.hungry() ? -1 : STDIN_FILENO, POLLIN, 0};
    poll_once(pump, {&input, 1});
    if (input.revents != 0) fill();
  }
  return std::nullopt;
}

bool Plain::wait(Pump& pump) {
  poll_once(pump, {});
  return true;
}

std::optional<std::string> Plain::secret(const std::string&, Pump& pump) {
  return read(pump);
}

void Plain::show(const Entry& entry) {
  if (entry.state != Entry::State::sent) print(plain_line(entry));
}

void Plain::notice(const std::string& text) {
  fprintf(stderr, "chat: %s\n", text.c_str());
}

void Plain::error(const std::string& text) {
  notice(text);
}

void Plain::print(const std::string& text) {
  fputs(text.c_str(), stdout);
  fputc('\n', stdout);
  fflush(stdout);
}

}  // namespace client
