// The command line of chat, read and checked; nothing is connected or asked for here. The server's address
// may come from the environment ($CHATD_SERVER).
#pragma once

#include <string>

#include "client/address.h"

namespace client {

struct Options {
  Address server;
  std::string name;    // empty: not said
  bool enrol = false;  // -r: register first
  bool plain = false;
  bool help = false;
  bool version = false;
};

extern const char* const usage;

// The options, or what is wrong with them.
base::Result<Options> parse_options(int argc, char** argv);

}  // namespace client
