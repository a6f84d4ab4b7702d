// See link.h.
#include "bench/link.h"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace bench {

Link::~Link() {
  if (dirty_) poller_.forget(*this);
}

void Link::connect(const Route& route) {
  shut();
  ++life_;
  fd_.reset(socket(route.to.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd_) return lose(strerror(errno));
  const int on = 1;
  setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (route.from != INADDR_ANY) {
    // The port is chosen at connect(): only then is it free again for another target.
    setsockopt(fd_.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    sockaddr_in from{};
    from.sin_family = AF_INET;
    from.sin_addr.s_addr = route.from;
    if (bind(fd_.get(), reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0)
      return lose(strerror(errno));
  }
  if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&route.to.storage), route.to.length) != 0 &&
      errno != EINPROGRESS)
    return lose(strerror(errno));
  poller_.watch(fd_.get(), *this);
}

void Link::shut() {
  fd_.reset();
  connected_ = false;
  rest_.clear();
  out_.clear();
}

void Link::lose(const std::string& why) {
  shut();
  on_lost(why);
}

std::string& Link::out() {
  if (!dirty_) poller_.dirty(*this);
  dirty_ = true;
  return out_;
}

void Link::ready(uint32_t events) {
  if (!fd_) return;
  if (!connected_) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return lose(strerror(error));
    if ((events & EPOLLOUT) == 0) return;
    connected_ = true;
  }
  const uint64_t life = life_;
  if ((events & EPOLLOUT) != 0) flush();
  const bool ending = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  if (fd_ && life == life_ && (ending || (events & EPOLLIN) != 0)) receive(ending);
}

// Edge-triggered: a read that does not fill the buffer has emptied the socket, unless its end is near.
void Link::receive(bool to_the_end) {
  char* const buffer = poller_.buffer_.data();
  const uint64_t life = life_;
  while (true) {
    const size_t kept = rest_.size();
    if (kept == Poller::buffer_size) return lose("a line without an end");
    if (kept > 0) memcpy(buffer, rest_.data(), kept);
    const ssize_t n = recv(fd_.get(), buffer + kept, Poller::buffer_size - kept, 0);
    if (n == 0) return lose("closed by the server");
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) return lose(strerror(errno));
    const size_t size = kept + static_cast<size_t>(n);
    const size_t taken = take_lines(buffer, size);
    if (!fd_ || life != life_) return;
    rest_.assign(buffer + taken, size - taken);
    if (size < Poller::buffer_size && !to_the_end) return;
  }
}

size_t Link::take_lines(char* begin, size_t size) {
  const uint64_t life = life_;
  char* at = begin;
  while (void* found = memchr(at, '\n', size - static_cast<size_t>(at - begin))) {
    char* const end = static_cast<char*>(found);
    on_line({at, static_cast<size_t>(end - at)});
    if (!fd_ || life != life_) return size;
    at = end + 1;
  }
  return static_cast<size_t>(at - begin);
}

void Link::flush() {
  dirty_ = false;
  if (!connected_ || out_.empty()) return;
  size_t done = 0;
  while (done < out_.size()) {
    const ssize_t n = send(fd_.get(), out_.data() + done, out_.size() - done, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) break;  // EPOLLOUT calls again
    if (n < 0) return lose(strerror(errno));
    done += static_cast<size_t>(n);
  }
  out_.erase(0, done);
}

}  // namespace bench
