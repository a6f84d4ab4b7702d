// Poller: the epoll of one load process, and the Links that wait on it. Lean on purpose: every socket is
// registered once, edge-triggered; what was written in a turn leaves in one system call per connection.
// One thread; it owns no Link.
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/fd.h"

namespace bench {

class Link;

class Poller {
 public:
  Poller();

  // Writes what was queued, then waits until something happens, or until `until_us`, and serves it.
  void wait(int64_t until_us);

 private:
  friend class Link;
  static constexpr size_t buffer_size = 256 * 1024;  // the longest line, too

  void watch(int fd, Link& link);
  void dirty(Link& link) { dirty_.push_back(&link); }
  void forget(const Link& link);
  void flush();

  base::Fd epoll_;
  std::vector<Link*> dirty_;  // have something to write
  std::vector<Link*> turn_;   // dirty_ of the turn that is being flushed
  std::vector<char> buffer_;  // what is read, for all: an idle connection holds none
};

}  // namespace bench
