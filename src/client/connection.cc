// See connection.h.
#include "client/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace client {

void Connection::open(const Endpoint& to) {
  close();
  fd_.reset(::socket(to.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd_) return fail(strerror(errno));
  const int on = 1;
  setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&to.storage), to.length) == 0)
    connected_ = true;
  else if (errno != EINPROGRESS)
    fail(strerror(errno));
}

void Connection::close() {
  fd_.reset();
  connected_ = false;
  why_.clear();
  in_.clear();
  out_.clear();
  in_done_ = in_looked_ = out_done_ = 0;
}

short Connection::events() const {
  if (!alive()) return 0;
  if (!connected_) return POLLOUT;
  return static_cast<short>(POLLIN | (unsent() > 0 ? POLLOUT : 0));
}

void Connection::ready(short revents) {
  if (!alive() || revents == 0) return;
  if (!connected_) finish_connect();
  if (!connected_) return;
  if ((revents & (POLLIN | POLLHUP | POLLERR)) != 0) receive();
  if (alive()) flush();
}

void Connection::finish_connect() {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return fail(strerror(error));
  connected_ = true;
}

void Connection::receive() {
  std::array<char, 65536> chunk;
  const ssize_t n = ::recv(fd_.get(), chunk.data(), chunk.size(), 0);
  if (n > 0)
    in_.append(chunk.data(), static_cast<size_t>(n));
  else if (n == 0)
    fail("closed by the server");
  else if (errno != EAGAIN && errno != EINTR)
    fail(strerror(errno));
}

std::optional<std::string> Connection::next_line() {
  const size_t end = in_.find('\n', in_looked_);
  if (end == std::string::npos) {
    in_.erase(0, in_done_);
    in_done_ = 0;
    in_looked_ = in_.size();
    if (in_.size() > line_limit) fail("a line without an end");
    return std::nullopt;
  }
  size_t size = end - in_done_;
  if (size > 0 && in_[end - 1] == '\r') --size;
  std::string line = in_.substr(in_done_, size);
  in_done_ = in_looked_ = end + 1;
  return line;
}

bool Connection::write_line(std::string_view line) {
  if (unsent() + line.size() + 1 > output_limit) return false;
  out_ += line;
  out_ += '\n';
  return true;
}

void Connection::flush() {
  while (connected() && unsent() > 0) {
    const ssize_t n = ::send(fd_.get(), out_.data() + out_done_, unsent(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      if (errno != EAGAIN) fail(strerror(errno));
      return;
    }
    out_done_ += static_cast<size_t>(n);
  }
  if (unsent() == 0) {
    out_.clear();
    out_done_ = 0;
  }
}

}  // namespace client
