// The command line of chatbench, read and checked; nothing is connected here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/client.h"
#include "client/address.h"
#include "common/base/error.h"

namespace bench {

struct Options {
  std::string scenario;
  std::vector<client::Address> targets;
  std::string pids;  // empty: CPU time is not asked for
  std::string json;  // empty: none
  std::string users_file;
  size_t processes = 1;
  double seconds = 10;
  double warmup = 2;
  double drain = 10;     // without anything arriving: given up
  double patience = 10;  // with a connection on which nothing comes
  double ping = 0;       // seconds of silence; 0: as the server wants it
  bool verify = false;
  std::string postgres;  // conninfo
  AckMode ack = AckMode::client;
  double rate = 0;  // per second in all; 0: closed loop

  // 0: as many as fit the scenario
  size_t pairs = 0;
  size_t inflight = 16;
  size_t size = 100;
  bool cross = false;  // the two of a pair on different targets
  size_t connections = 0;
  size_t users = 0;
  size_t members = 0;
  bool by_password = false;

  // storm
  double after = 1;      // seconds, the crowd is cut off
  bool outside = false;  // by somebody else

  // mixed
  size_t groups = 5;
  double group_share = 20;  // percent of the messages
  double history = 5;       // requests a second
  double stay = 60;         // seconds, on average, that somebody is there
  double away = 20;         // and then not

  bool help = false;
  bool version = false;
};

extern const char* const usage;

// The options, or what is wrong with them.
base::Result<Options> parse_options(int argc, char** argv);

}  // namespace bench
