// Signals: those that a terminal sends, turned into bytes of a pipe, so that one poll() sees them all and
// nothing happens inside a handler. One per process; the former handlers come back with its end.
#pragma once

#include <csignal>
#include <vector>

#include "common/base/fd.h"

namespace client {

class Signals {
 public:
  Signals();
  ~Signals();

  int fd() const { return read_.get(); }
  // The signals that came since the last call.
  std::vector<int> take();

 private:
  base::Fd read_;
  base::Fd write_;
  std::vector<struct sigaction> former_;
};

}  // namespace client
