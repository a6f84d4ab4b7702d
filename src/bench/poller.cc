// See poller.h.
#include "bench/poller.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "bench/clock.h"
#include "bench/link.h"

namespace bench {

Poller::Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)), buffer_(buffer_size) {
  if (!epoll_) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

void Poller::watch(int fd, Link& link) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &link;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

void Poller::forget(const Link& link) {
  std::erase(dirty_, &link);
  std::replace(turn_.begin(), turn_.end(), const_cast<Link*>(&link), static_cast<Link*>(nullptr));
}

void Poller::flush() {
  turn_.swap(dirty_);
  for (size_t i = 0; i < turn_.size(); ++i)
    if (turn_[i] != nullptr) turn_[i]->flush();
  turn_.clear();
}

void Poller::wait(int64_t until_us) {
  flush();
  constexpr int at_once = 256;
  std::array<epoll_event, at_once> events;
  const int64_t left = dirty_.empty() ? std::max<int64_t>(0, until_us - now_us()) : 0;
  timespec timeout{};
  timeout.tv_sec = left / second_us;
  timeout.tv_nsec = left % second_us * 1000;
  const int n = epoll_pwait2(epoll_.get(), events.data(), at_once, &timeout, nullptr);
  if (n < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "epoll_pwait2");
  for (int i = 0; i < n; ++i)
    static_cast<Link*>(events[static_cast<size_t>(i)].data.ptr)->ready(events[static_cast<size_t>(i)].events);
}

}  // namespace bench
