// The command line: what chatd is asked to do. Parses, prints the usage; does nothing itself.
#pragma once

#include <string>

#include "common/base/error.h"

namespace master {

enum class Mode { run, test, dump, signal, version, build, help };

struct Options {
  Mode mode = Mode::run;
  std::string config_path = "/etc/chatd.conf";
  int signal = 0;  // for Mode::signal
};

// The error's detail is for a person; the usage belongs behind it.
base::Result<Options> parse_options(int argc, char** argv);

extern const char* const usage;

}  // namespace master
