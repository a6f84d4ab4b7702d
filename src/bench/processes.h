// What /proc says of the processes under test: their CPU time, by kind, and their memory. It reads a file of
// lines "NAME PID" as scripts/quickstart writes; children count with their parents.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/error.h"

namespace bench {

enum class Side : uint8_t { chatd, postgres, redis, haproxy, chatbench };
constexpr std::array<std::string_view, 5> side_names = {"chatd", "postgres", "redis", "haproxy", "chatbench"};

// Seconds of CPU time since the beginning, user's and system's.
using CpuTimes = std::array<double, side_names.size()>;

class Processes {
 public:
  // An empty path: only chatbench itself is known.
  static base::Result<Processes> read(const std::string& path);

  bool known(size_t side) const;
  CpuTimes cpu() const;
  // The workers' proportional share of memory together, in KiB; 0 if it can't be read.
  int64_t workers_pss_kib() const;

 private:
  std::vector<std::pair<size_t, pid_t>> roots_;  // place in side_names, pid
};

}  // namespace bench
