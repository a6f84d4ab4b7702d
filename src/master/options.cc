// See options.h. getopt(3) on a copy of the vector: it may reorder, and argv stays as it was given.
#include "master/options.h"

#include <getopt.h>

#include <vector>

#include "common/base/text.h"
#include "master/signals.h"

namespace master {
namespace {

base::Error refused(std::string why) {
  return base::refusal(base::Code::bad_field, why);
}

base::Result<Options> with_signal(Options options, const char* word) {
  const std::optional<int> number = signal_of(word);
  if (!number || *word == '\0')
    return refused("-s " + base::escaped(word) + ": expected stop, quit, reload or reopen");
  options.mode = Mode::signal;
  options.signal = *number;
  return options;
}

// One letter; `optarg` is its argument.
base::Result<Options> take(Options options, int letter) {
  const std::string given(1, static_cast<char>(optopt));
  switch (letter) {
    case 'c':
      options.config_path = optarg;
      return options;
    case 's':
      return with_signal(options, optarg);
    case 't':
      options.mode = Mode::test;
      return options;
    case 'T':
      options.mode = Mode::dump;
      return options;
    case 'v':
      options.mode = Mode::version;
      return options;
    case 'V':
      options.mode = Mode::build;
      return options;
    case 'h':
      options.mode = Mode::help;
      return options;
    case ':':
      return refused("-" + given + ": expected an argument");
    default:
      return refused("-" + base::escaped(given) + ": unknown option");
  }
}

}  // namespace

const char* const usage =
    "usage: chatd [-c FILE] [-t | -T | -s SIGNAL | -v | -V | -h]\n"
    "\n"
    "  -c FILE    the configuration (/etc/chatd.conf)\n"
    "  -t         test the configuration\n"
    "  -T         test it, and print every directive with its value\n"
    "  -s SIGNAL  send the running server one of\n"
    "               stop    end at once\n"
    "               quit    end gracefully\n"
    "               reload  read the configuration again\n"
    "               reopen  open the log again\n"
    "  -v         print the version\n"
    "  -V         print the version and what it is built with\n"
    "  -h         print this";

base::Result<Options> parse_options(int argc, char** argv) {
  Options options;
  std::vector<char*> copy(argv, argv + argc + 1);
  opterr = 0;
  optind = 1;
  for (int letter; (letter = getopt(argc, copy.data(), "+:c:tTs:vVh")) != -1;) {
    base::Result<Options> taken = take(options, letter);
    if (!taken) return taken;
    options = *taken;
  }
  if (optind < argc)
    return refused(base::escaped(copy[static_cast<size_t>(optind)]) + ": expected an option");
  return options;
}

}  // namespace master
