// See options.h.
#include "client/options.h"

#include <getopt.h>

#include <cstdlib>

#include "client/line.h"

namespace client {

const char* const usage =
    "usage: chat [-hrv] [-s HOST:PORT] [-u NAME] [--plain]\n"
    "  -s HOST:PORT  the server (default: $CHATD_SERVER, or 127.0.0.1:8000)\n"
    "  -u NAME       log in as NAME (default: whoever was logged in last)\n"
    "  -r            register NAME first\n"
    "  --plain       lines in and out, no editing, no escape codes\n"
    "  -v            show the version\n"
    "  -h            show this\n";

base::Result<Options> parse_options(int argc, char** argv) {
  static const option longs[] = {{"plain", no_argument, nullptr, 'p'},
                                 {"help", no_argument, nullptr, 'h'},
                                 {"version", no_argument, nullptr, 'v'},
                                 {nullptr, 0, nullptr, 0}};
  Options options;
  const char* server = getenv("CHATD_SERVER");
  if (server == nullptr || *server == '\0') server = "127.0.0.1:8000";
  opterr = 0;
  for (int c; (c = getopt_long(argc, argv, "hs:u:rv", longs, nullptr)) != -1;) {
    if (c == 'h') options.help = true;
    if (c == 'v') options.version = true;
    if (c == 'p') options.plain = true;
    if (c == 'r') options.enrol = true;
    if (c == 's') server = optarg;
    if (c == 'u') options.name = to_user(optarg);
    if (c == 'u' && options.name.empty()) return base::bad_field("-u", "a name is 1 to 32 of a-z 0-9 _ . -");
    if (c == '?') return base::bad_field(argv[optind - 1], "unknown, or its value is missing");
  }
  if (optind < argc) return base::bad_field(argv[optind], "not an option");
  if (!options.name.empty()) options.name.erase(0, 1);
  auto address = parse_address(server);
  if (!address) return address.error();
  options.server = *address;
  return options;
}

}  // namespace client
