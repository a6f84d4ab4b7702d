// Daemon: leaves the terminal. The process that was started waits until the server is up, and ends with
// its status; so a script that starts chatd learns whether it runs.
#pragma once

#include "common/base/fd.h"

namespace master {

class Daemon {
 public:
  // Returns in the grandchild alone, in a session of its own, its folder /. The process that called ends
  // within this call: with 0 after up(), with 1 if the grandchild ends without it. stderr stays open until
  // up(), for what goes wrong before. Throws std::system_error if it can't fork.
  static Daemon detach();
  // Stays where it is: up() does nothing.
  static Daemon stay() { return Daemon(base::Fd()); }

  void up();

 private:
  explicit Daemon(base::Fd parent) : parent_(std::move(parent)) {}

  base::Fd parent_;  // the pipe's end to the process that waits
};

}  // namespace master
