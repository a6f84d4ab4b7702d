// Connection: one non-blocking TCP connection that carries lines, in and out, both with a bound.
//
// It owns the socket and nothing of the protocol. It never waits: its user polls fd() for events() and calls
// ready(); what went wrong is told by alive() and why(), once every line that came before has been taken.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "client/address.h"
#include "common/base/fd.h"

namespace client {

class Connection {
 public:
  // Longer lines break the connection: a page of 200 long messages fits.
  static constexpr size_t line_limit = 4 << 20;
  // What may wait to be written.
  static constexpr size_t output_limit = 4 << 20;

  // Begins to connect; a former connection is closed. A failure shows in alive().
  void open(const Endpoint& to);
  void close();

  int fd() const { return fd_.get(); }
  short events() const;
  // Reads and writes what is possible, by what poll() said. At most 64 KiB are read, so that one busy
  // server does not keep a person's keys waiting.
  void ready(short revents);

  bool alive() const { return static_cast<bool>(fd_) && why_.empty(); }
  bool connected() const { return alive() && connected_; }
  const std::string& why() const { return why_; }

  // The next whole line, without its end.
  std::optional<std::string> next_line();
  // Queues a line; its end is added. False, and nothing queued, past the bound.
  bool write_line(std::string_view line);
  void flush();
  size_t unsent() const { return out_.size() - out_done_; }

 private:
  void finish_connect();
  void receive();
  void fail(std::string why) { why_ = std::move(why); }

  base::Fd fd_;
  bool connected_ = false;
  std::string why_;
  std::string in_;
  size_t in_done_ = 0;    // taken from in_
  size_t in_looked_ = 0;  // searched for a line's end
  std::string out_;
  size_t out_done_ = 0;
};

}  // namespace client
