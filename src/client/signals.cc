// See signals.h.
#include "client/signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace client {
namespace {

constexpr std::array caught = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT};
volatile sig_atomic_t pipe_end = -1;

void note(int signal) {
  const int saved = errno;
  const char byte = static_cast<char>(signal);
  [[maybe_unused]] const ssize_t n = ::write(pipe_end, &byte, 1);
  errno = saved;
}

}  // namespace

Signals::Signals() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
    throw std::system_error(errno, std::generic_category(), "pipe");
  read_.reset(ends[0]);
  write_.reset(ends[1]);
  pipe_end = ends[1];
  struct sigaction action {};
  action.sa_handler = note;
  for (const int signal : caught) sigaction(signal, &action, &former_.emplace_back());
}

Signals::~Signals() {
  for (size_t i = 0; i < caught.size(); ++i) sigaction(caught[i], &former_[i], nullptr);
}

std::vector<int> Signals::take() {
  std::array<char, 64> bytes;
  const ssize_t n = ::read(read_.get(), bytes.data(), bytes.size());
  return n > 0 ? std::vector<int>(bytes.begin(), bytes.begin() + n) : std::vector<int>{};
}

}  // namespace client
