// See limits.h.
#include "master/limits.h"

#include <sys/resource.h>

#include <algorithm>

#include "common/base/log.h"
#include "master/cycle.h"

namespace master {
namespace {

constexpr rlim_t beside_connections = 64;  // listeners, store, bus, log, the loop's own
constexpr rlim_t generations = 2;  // a worker inherits the eventfds of every worker, at a reload of both

}  // namespace

void raise_descriptor_limit(const conf::Settings& settings) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t needed = static_cast<rlim_t>(settings.worker_connections) + beside_connections +
                        generations * static_cast<rlim_t>(count_workers(settings));
  if (limit.rlim_cur >= needed) return;
  limit.rlim_cur = std::min(needed, limit.rlim_max);
  setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < needed)
    base::log(base::Level::warn, "worker_connections %lld: the limit of descriptors is %llu",
              static_cast<long long>(settings.worker_connections),
              static_cast<unsigned long long>(limit.rlim_cur));
}

}  // namespace master
