// chatbench: a load for chatd, and what it measures. Here: the command line and the exit status.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>

#include "bench/bench.h"

namespace {

constexpr int exit_missing = 1;  // something promised is missing, or it could not be run
constexpr int exit_usage = 2;

int refuse(const std::string& why) {
  fprintf(stderr, "chatbench: %s\n", why.c_str());
  return exit_missing;
}

int run(bench::Options options) {
  auto targets = bench::Targets::resolve(options.targets);
  if (!targets) return refuse(targets.error().detail);
  auto processes = bench::Processes::read(options.pids);
  if (!processes) return refuse(processes.error().detail);
  const bench::Kind& kind = *bench::find_scenario(options.scenario);
  bench::Bench bench(std::move(options), kind, std::move(*targets), std::move(*processes));
  const bench::Outcome outcome = bench.run();
  print_table(outcome, bench.options(), bench.processes());
  if (!bench.options().json.empty() && !write_json(outcome, bench.options(), bench.processes()))
    return refuse(bench.options().json + ": " + strerror(errno));
  return outcome.good() ? 0 : exit_missing;
}

}  // namespace

int main(int argc, char** argv) {
  auto options = bench::parse_options(argc, argv);
  if (!options) {
    fprintf(stderr, "chatbench: %s\n%s", options.error().detail.c_str(), bench::usage);
    return exit_usage;
  }
  if (options->help) return fputs(bench::usage, stdout) < 0;
  if (options->version) return puts("chatbench " CHATD_VERSION) < 0;
  try {
    return run(std::move(*options));
  } catch (const std::exception& error) {
    return refuse(error.what());
  }
}
