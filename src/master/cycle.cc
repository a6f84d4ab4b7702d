// See cycle.h.
#include "master/cycle.h"

#include <sched.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

#include "common/base/log.h"

namespace master {
namespace {

constexpr std::array<std::string_view, 8> levels = {"emerg", "alert",  "crit", "error",
                                                    "warn",  "notice", "info", "debug"};
constexpr int workers_max = 256;

}  // namespace

int count_workers(const conf::Settings& settings) {
  if (settings.worker_processes > 0) return static_cast<int>(settings.worker_processes);
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  if (sched_getaffinity(0, sizeof cpus, &cpus) != 0) return 1;
  return std::clamp(CPU_COUNT(&cpus), 1, workers_max);
}

Cycle::Cycle(int number, conf::Settings s, files::Folder f, Listeners l)
    : generation(number),
      settings(std::move(s)),
      files(std::move(f)),
      listeners(std::move(l)),
      shared(count_workers(settings)) {}

int Cycle::ready_workers() const {
  int ready = 0;
  for (int i = 0; i < shared.slots(); ++i)
    if (shared.slot(i).state.load(std::memory_order_relaxed) == ipc::State::ready) ++ready;
  return ready;
}

base::Result<std::unique_ptr<Cycle>> make_cycle(int generation, conf::Settings settings,
                                                const std::string& config_path, const Cycle* old) try {
  auto files = files::Folder::read(settings.web_root, static_cast<uint64_t>(settings.web_files));
  if (!files) return base::internal(config_path + ": web_root: " + files.error().detail);
  auto listeners = Listeners::open(settings, config_path, old != nullptr ? &old->listeners : nullptr);
  if (!listeners) return listeners.error();
  return std::make_unique<Cycle>(generation, std::move(settings), std::move(*files), std::move(*listeners));
} catch (const std::system_error& e) {
  return base::internal(e.what());
}

bool open_log(const conf::Settings& settings) {
  if (!base::log_open(settings.error_log)) return false;
  const auto level = std::find(levels.begin(), levels.end(), settings.log_level);
  if (level != levels.end()) base::log_level(static_cast<base::Level>(level - levels.begin()));
  base::log_identity(settings.node + "/master");
  return true;
}

}  // namespace master
