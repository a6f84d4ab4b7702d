// A listening socket as the master hands it to its workers by fork.
#pragma once

#include <string>

namespace ipc {

struct Socket {
  int fd;               // listening, non-blocking; a worker closes its own copy when it stops accepting
  bool proxy;           // every connection begins with a PROXY v2 header
  std::string address;  // as the configuration has it
  bool websocket;       // HTTP, and what it is upgraded to
};

}  // namespace ipc
