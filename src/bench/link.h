// Link: one TCP connection of the load that carries lines. It owns the socket, knows nothing of the protocol,
// and never waits: its Poller calls it. Who derives from it gets its lines.
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "bench/poller.h"
#include "client/address.h"
#include "common/base/fd.h"

namespace bench {

// Where a connection goes to, and from which address of this machine.
struct Route {
  client::Endpoint to{};
  in_addr_t from = INADDR_ANY;  // IPv4, network order
};

class Link {
 public:
  explicit Link(Poller& poller) : poller_(poller) {}
  virtual ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // Begins to connect; a failure is told by on_lost() from here or later. REQUIRES: not called from within
  // on_line() or on_lost(): the turn's events may still name this link.
  void connect(const Route& route);
  // Closes; nobody is told. What was queued and not written is dropped.
  void shut();
  bool up() const { return static_cast<bool>(fd_); }

 protected:
  // Closes, and on_lost() is told why.
  void lose(const std::string& why);
  // Where a line may be appended; it leaves with the turn.
  std::string& out();
  virtual void on_line(std::string_view line) = 0;
  virtual void on_lost(const std::string& why) = 0;

 private:
  friend class Poller;
  void ready(uint32_t events);
  void receive(bool to_the_end);
  size_t take_lines(char* begin, size_t size);
  void flush();

  Poller& poller_;
  base::Fd fd_;
  uint64_t life_ = 0;  // counts the connections: on_line() may shut this one
  bool connected_ = false;
  bool dirty_ = false;
  std::string rest_;  // of a line that has not come whole
  std::string out_;
};

}  // namespace bench
