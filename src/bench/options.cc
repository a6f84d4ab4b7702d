// See options.h.
#include "bench/options.h"

#include <getopt.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>
#include <variant>

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
    "  storm      [--connections N] [--users U] [--after S | --outside] [--pairs N] [--rate R]:\n"
    "             N are cut off and come back at once, while pairs talk\n"
    "  mixed      [--users U] [--rate R] [--pairs N] [--groups G] [--members M] [--group-share PERCENT]\n"
    "             [--history R] [--stay S] [--away S]: a day of a real site, in small\n"
    "options:\n"
    "  --target HOST:PORT  a node or balancer; repeatable\n"
    "  --addresses FILE    all nodes of scripts/quickstart's addresses; its pids too\n"
    "  --pids FILE         lines NAME PID: whose CPU time is told\n"
    "  --seconds S         measured (10); --warmup S  before that (2)\n"
    "  --rate R            per second in all, in an open loop\n"
    "  --verify            hold what was acknowledged, stored and delivered against each other\n"
    "  --postgres CONNINFO for --verify; --addresses tells it too\n"
    "  --drain S           at the end, without anything arriving, until it is given up (10)\n"
    "  --patience S        with a connection that does not answer (10)\n"
    "  --ping S            of silence before a ping (half of what the server wants; 2 with --verify)\n"
    "  --processes N       load processes (1)\n"
    "  --ack WHO           client (default), server or nobody\n"
    "  --users-file FILE   users and their tokens, kept from run to run\n"
    "  --json FILE         the outcome for programs\n"
    "  -h, -v              this; the version\n";

namespace {

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

base::Result<void> add_target(Options& options, const char* text) {
  auto address = client::parse_address(text);
  if (!address) return address.error();
  options.targets.push_back(std::move(*address));
  return base::ok();
}

// scripts/quickstart's: all lines "node-X HOST:PORT", and "postgres CONNINFO"; `pids` lies beside it.
base::Result<void> read_addresses(Options& options, const char* name_of_file) {
  const std::string path = name_of_file;
  std::ifstream file(path);
  if (!file) return wrong(path, strerror(errno));
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    std::string address;
    if (line.starts_with("postgres ") && options.postgres.empty())
      options.postgres = line.substr(line.find(' ') + 1);
    if (!(words >> name >> address) || !name.starts_with("node-")) continue;
    if (auto added = add_target(options, address.c_str()); !added) return added.error();
  }
  if (options.targets.empty()) return wrong(path, "no line 'node-X HOST:PORT'");
  const std::string pids = path.substr(0, path.rfind('/') + 1) + "pids";
  if (options.pids.empty() && std::ifstream(pids)) options.pids = pids;
  return base::ok();
}

base::Result<void> read_ack(Options& options, const char* text) {
  static constexpr std::array<std::pair<std::string_view, AckMode>, 3> modes = {
      {{"client", AckMode::client}, {"server", AckMode::server}, {"nobody", AckMode::nobody}}};
  for (const auto& [word, mode] : modes) {
    if (word != std::string_view(text)) continue;
    options.ack = mode;
    return base::ok();
  }
  return wrong(text, "expected client, server or nobody");
}

base::Result<void> read_by(Options& options, const char* text) {
  options.by_password = std::string_view(text) == "password";
  if (!options.by_password && std::string_view(text) != "token")
    return wrong(text, "expected token or password");
  return base::ok();
}

constexpr double day = 86400;
constexpr double most_rate = 1e7;
constexpr double percent = 100;
constexpr size_t most = 1000000;
constexpr size_t most_processes = 256;

struct Number {
  size_t Options::*place;
  size_t most;
};
struct Decimal {
  double Options::*place;
  double most;
};
using Text = std::string Options::*;
using Flag = bool Options::*;
using Reader = base::Result<void> (*)(Options&, const char*);

// Every option that has a long name, and where its value goes.
struct Row {
  const char* name;
  std::variant<Number, Decimal, Text, Flag, Reader> place;
};
const Row rows[] = {
    {"target", add_target},
    {"addresses", read_addresses},
    {"pids", &Options::pids},
    {"seconds", Decimal{&Options::seconds, day}},
    {"warmup", Decimal{&Options::warmup, day}},
    {"rate", Decimal{&Options::rate, most_rate}},
    {"processes", Number{&Options::processes, most_processes}},
    {"ack", read_ack},
    {"users-file", &Options::users_file},
    {"json", &Options::json},
    {"verify", &Options::verify},
    {"postgres", &Options::postgres},
    {"drain", Decimal{&Options::drain, day}},
    {"patience", Decimal{&Options::patience, day}},
    {"ping", Decimal{&Options::ping, day}},
    {"pairs", Number{&Options::pairs, most}},
    {"inflight", Number{&Options::inflight, most}},
    {"size", Number{&Options::size, most}},
    {"cross", &Options::cross},
    {"connections", Number{&Options::connections, most}},
    {"users", Number{&Options::users, most}},
    {"members", Number{&Options::members, most}},
    {"by", read_by},
    {"after", Decimal{&Options::after, day}},
    {"outside", &Options::outside},
    {"groups", Number{&Options::groups, most}},
    {"group-share", Decimal{&Options::group_share, percent}},
    {"history", Decimal{&Options::history, most_rate}},
    {"stay", Decimal{&Options::stay, day}},
    {"away", Decimal{&Options::away, day}},
    {"help", &Options::help},
    {"version", &Options::version},
};
constexpr int first_row = 1000;  // what getopt gives for the first of them

// Puts a row's value where it belongs.
struct Take {
  Options& options;
  const char* value;

  base::Result<void> operator()(Number number) const {
    return read_count(value, number.most, options.*number.place);
  }
  base::Result<void> operator()(Decimal decimal) const {
    return read_decimal(value, decimal.most, options.*decimal.place);
  }
  base::Result<void> operator()(Text text) const {
    options.*text = value;
    return base::ok();
  }
  base::Result<void> operator()(Flag flag) const {
    options.*flag = true;
    return base::ok();
  }
  base::Result<void> operator()(Reader reader) const { return reader(options, value); }
};

std::vector<option> long_options() {
  std::vector<option> out;
  for (const Row& row : rows) {
    const int argument = std::holds_alternative<Flag>(row.place) ? no_argument : required_argument;
    out.push_back({row.name, argument, nullptr, first_row + static_cast<int>(out.size())});
  }
  out.push_back({nullptr, 0, nullptr, 0});
  return out;
}

base::Result<void> take(Options& options, int code, const char* value) {
  if (code == 'h') return Take{options, value}(&Options::help);
  if (code == 'v') return Take{options, value}(&Options::version);
  if (code < first_row) return wrong("option", "unknown, or its value is missing");
  return std::visit(Take{options, value}, rows[code - first_row].place);
}

// What depends on the scenario, where it was not said. 0: it has none, or see below.
struct Defaults {
  std::string_view scenario;
  double rate;
  size_t pairs;
  size_t connections;
  size_t users;
  size_t members;
};
constexpr std::array<Defaults, 7> all_defaults = {{
    {"groups", 20, 0, 0, 0, 1000},
    {"idle", 0, 0, 10000, 0, 0},
    {"latency", 2000, 100, 0, 0, 0},
    {"login", 0, 0, 64, 200, 0},
    {"mixed", 50, 0, 0, 1000, 0},
    {"pairs", 0, 100, 0, 0, 0},
    {"storm", 200, 10, 10000, 0, 0},
}};

void fill_in(Options& options) {
  const auto or_else = [](auto& value, auto other) {
    if (value == 0) value = other;
  };
  for (const Defaults& defaults : all_defaults) {
    if (defaults.scenario != options.scenario) continue;
    or_else(options.rate, defaults.rate);
    or_else(options.pairs, defaults.pairs);
    or_else(options.connections, defaults.connections);
    or_else(options.users, defaults.users);
    or_else(options.members, defaults.members);
  }
  options.cross |= options.scenario == "latency";
  or_else(options.users, options.connections);
  if (options.scenario != "mixed") return;
  constexpr size_t talk_in_pairs = 4;  // one of so many users has a pair of their own
  constexpr size_t members = 50;
  or_else(options.pairs, std::max<size_t>(1, options.users / talk_in_pairs / 2));
  or_else(options.members, std::min(members, options.users));
}

base::Result<void> complete_verify(Options& options) {
  if (!options.verify) return base::ok();
  if (!find_scenario(options.scenario)->plan(options).sends)
    return wrong("--verify", "scenario " + options.scenario + " sends no messages");
  if (options.postgres.empty()) return wrong("--verify", "--postgres or --addresses must say where to look");
  // What the server acknowledges by itself may be lost with a connection, and nobody promised otherwise.
  if (options.ack == AckMode::server) return wrong("--verify", "clients must acknowledge, or nobody");
  if (options.ping == 0) options.ping = 2;
  return base::ok();
}

base::Result<void> complete(Options& options) {
  if (options.scenario.empty()) return wrong("SCENARIO", "which one?");
  if (find_scenario(options.scenario) == nullptr) return wrong(options.scenario, "no such scenario");
  if (options.targets.empty()) return wrong("--target", "at least one, or --addresses");
  if (options.size < Stamp::longest) return wrong("--size", "at least " + std::to_string(Stamp::longest));
  if (options.seconds == 0) return wrong("--seconds", "more than 0");
  fill_in(options);
  if (auto can = complete_verify(options); !can) return can.error();
  const bool shared = options.scenario == "idle" || options.scenario == "storm";
  if (shared && options.users > options.connections) return wrong("--users", "more than connections");
  if (options.members == 1) return wrong("--members", "two or more");
  if (options.scenario == "mixed" && options.users < std::max(2 * options.pairs, options.members))
    return wrong("--users", "too few for the pairs, or the members of a group");
  if (options.cross && options.targets.size() < 2) return wrong("--target", "two or more, to go across");
  return base::ok();
}

}  // namespace

base::Result<Options> parse_options(int argc, char** argv) {
  Options options;
  const std::vector<option> longs = long_options();
  opterr = 0;
  for (int c; (c = getopt_long(argc, argv, "hv", longs.data(), nullptr)) != -1;) {
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
