// See options.h.
#include "bench/options.h"

#include <getopt.h>

#include <array>
#include <charconv>
#include <cstring>
#include <fstream>
#include <sstream>

#include "bench/scenario.h"
#include "bench/stamp.h"
#include "common/base/text.h"

namespace bench {

const char* const usage =
    "usage: chatbench SCENARIO --target HOST:PORT... | --addresses FILE [OPTION...]\n"
    "scenarios:\n"
    "  pairs      [--pairs N] [--inflight K] [--size BYTES] [--rate R] [--cross]\n"
    "  latency    [--pairs N] [--size BYTES] [--rate R]: pairs across targets, at a rate (2000)\n"
    "  groups     [--members M] [--size BYTES] [--rate R]: one group, R messages a second (20)\n"
    "  idle       [--connections N] [--users U]: logged in, and pinging\n"
    "  login      [--connections N] [--users U] [--by token|password] [--rate R]\n"
    "options:\n"
    "  --target HOST:PORT  a node or balancer; repeatable\n"
    "  --addresses FILE    all nodes of scripts/quickstart's addresses; its pids too\n"
    "  --pids FILE         lines NAME PID: whose CPU time is told\n"
    "  --seconds S         measured (10); --warmup S  before that (2)\n"
    "  --rate R            per second in all, in an open loop\n"
    "  --processes N       load processes (1)\n"
    "  --ack WHO           client (default), server or nobody\n"
    "  --users-file FILE   users and their tokens, kept from run to run\n"
    "  --json FILE         the outcome for programs\n"
    "  -h, -v              this; the version\n";

namespace {

enum Long : int {
  o_target = 1000,
  o_addresses,
  o_pids,
  o_seconds,
  o_warmup,
  o_rate,
  o_processes,
  o_ack,
  o_users_file,
  o_json,
  o_pairs,
  o_inflight,
  o_size,
  o_cross,
  o_connections,
  o_users,
  o_members,
  o_by,
};

const option longs[] = {{"target", required_argument, nullptr, o_target},
                        {"addresses", required_argument, nullptr, o_addresses},
                        {"pids", required_argument, nullptr, o_pids},
                        {"seconds", required_argument, nullptr, o_seconds},
                        {"warmup", required_argument, nullptr, o_warmup},
                        {"rate", required_argument, nullptr, o_rate},
                        {"processes", required_argument, nullptr, o_processes},
                        {"ack", required_argument, nullptr, o_ack},
                        {"users-file", required_argument, nullptr, o_users_file},
                        {"json", required_argument, nullptr, o_json},
                        {"pairs", required_argument, nullptr, o_pairs},
                        {"inflight", required_argument, nullptr, o_inflight},
                        {"size", required_argument, nullptr, o_size},
                        {"cross", no_argument, nullptr, o_cross},
                        {"connections", required_argument, nullptr, o_connections},
                        {"users", required_argument, nullptr, o_users},
                        {"members", required_argument, nullptr, o_members},
                        {"by", required_argument, nullptr, o_by},
                        {"help", no_argument, nullptr, 'h'},
                        {"version", no_argument, nullptr, 'v'},
                        {nullptr, 0, nullptr, 0}};

base::Error wrong(std::string_view what, std::string_view why) {
  return base::bad_field(what, std::string(what) + ": " + std::string(why));
}

base::Result<void> read_count(const char* text, size_t most, size_t& out) {
  const auto number = base::to_int(text);
  if (!number || *number < 1 || *number > static_cast<int64_t>(most))
    return wrong(text, "expected a number from 1 to " + std::to_string(most));
  out = static_cast<size_t>(*number);
  return base::ok();
}

base::Result<void> read_decimal(const char* text, double most, double& out) {
  const auto [end, error] = std::from_chars(text, text + strlen(text), out);
  if (error != std::errc{} || *end != '\0' || !(out >= 0 && out <= most))
    return wrong(text, "expected a number from 0 to " + std::to_string(static_cast<int64_t>(most)));
  return base::ok();
}

base::Result<void> add_target(Options& options, std::string_view text) {
  auto address = client::parse_address(text);
  if (!address) return address.error();
  options.targets.push_back(std::move(*address));
  return base::ok();
}

// scripts/quickstart's: all lines "node-X HOST:PORT"; `pids` lies beside it.
base::Result<void> read_addresses(Options& options, const std::string& path) {
  std::ifstream file(path);
  if (!file) return wrong(path, strerror(errno));
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    std::string address;
    if (!(words >> name >> address) || !name.starts_with("node-")) continue;
    if (auto added = add_target(options, address); !added) return added.error();
  }
  if (options.targets.empty()) return wrong(path, "no line 'node-X HOST:PORT'");
  const std::string pids = path.substr(0, path.rfind('/') + 1) + "pids";
  if (options.pids.empty() && std::ifstream(pids)) options.pids = pids;
  return base::ok();
}

base::Result<void> read_word(std::string_view text, Options& options, int name) {
  if (name == o_by && (text == "token" || text == "password")) {
    options.by_password = text == "password";
    return base::ok();
  }
  if (name == o_by) return wrong(text, "expected token or password");
  static constexpr std::array<std::pair<std::string_view, AckMode>, 3> modes = {
      {{"client", AckMode::client}, {"server", AckMode::server}, {"nobody", AckMode::nobody}}};
  for (const auto& [word, mode] : modes) {
    if (word != text) continue;
    options.ack = mode;
    return base::ok();
  }
  return wrong(text, "expected client, server or nobody");
}

base::Result<void> take(Options& options, int name, const char* value) {
  constexpr double day = 86400;
  constexpr double most_rate = 1e7;
  constexpr size_t most = 1000000;
  switch (name) {
    case o_target:
      return add_target(options, value);
    case o_addresses:
      return read_addresses(options, value);
    case o_pids:
      options.pids = value;
      break;
    case o_seconds:
      return read_decimal(value, day, options.seconds);
    case o_warmup:
      return read_decimal(value, day, options.warmup);
    case o_rate:
      return read_decimal(value, most_rate, options.rate);
    case o_processes:
      return read_count(value, 256, options.processes);
    case o_ack:
    case o_by:
      return read_word(value, options, name);
    case o_users_file:
      options.users_file = value;
      break;
    case o_json:
      options.json = value;
      break;
    case o_pairs:
      return read_count(value, most, options.pairs);
    case o_inflight:
      return read_count(value, most, options.inflight);
    case o_size:
      return read_count(value, most, options.size);
    case o_cross:
      options.cross = true;
      break;
    case o_connections:
      return read_count(value, most, options.connections);
    case o_users:
      return read_count(value, most, options.users);
    case o_members:
      return read_count(value, most, options.members);
    case 'h':
      options.help = true;
      break;
    case 'v':
      options.version = true;
      break;
    default:
      return wrong("option", "unknown, or its value is missing");
  }
  return base::ok();
}

// What depends on the scenario, where it was not said.
void fill_in(Options& options) {
  if (options.scenario == "latency") {
    if (options.rate == 0) options.rate = 2000;
    options.cross = true;
  }
  if (options.scenario == "groups" && options.rate == 0) options.rate = 20;
  if (options.scenario == "idle") {
    if (options.connections == 0) options.connections = 10000;
    if (options.users == 0) options.users = options.connections;
  }
  if (options.scenario == "login") {
    if (options.connections == 0) options.connections = 64;
    if (options.users == 0) options.users = 200;
  }
}

base::Result<void> complete(Options& options) {
  if (options.scenario.empty()) return wrong("SCENARIO", "which one?");
  if (find_scenario(options.scenario) == nullptr) return wrong(options.scenario, "no such scenario");
  if (options.targets.empty()) return wrong("--target", "at least one, or --addresses");
  if (options.size < Stamp::longest) return wrong("--size", "at least " + std::to_string(Stamp::longest));
  fill_in(options);
  if (options.users > options.connections && options.scenario == "idle")
    return wrong("--users", "more than connections");
  if (options.members < 2) return wrong("--members", "two or more");
  if (options.cross && options.targets.size() < 2) return wrong("--target", "two or more, to go across");
  return base::ok();
}

}  // namespace

base::Result<Options> parse_options(int argc, char** argv) {
  Options options;
  opterr = 0;
  for (int c; (c = getopt_long(argc, argv, "hv", longs, nullptr)) != -1;) {
    const char* const at = argv[optind - 1];
    if (auto taken = take(options, c, optarg); !taken)
      return c == '?' ? wrong(at, "unknown, or its value is missing") : taken.error();
  }
  if (options.help || options.version) return options;
  if (optind < argc) options.scenario = argv[optind++];
  if (optind < argc) return wrong(argv[optind], "one scenario is enough");
  if (auto completed = complete(options); !completed) return completed.error();
  return options;
}

}  // namespace bench
