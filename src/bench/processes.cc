// See processes.h.
#include "bench/processes.h"

#include <dirent.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>

#include "common/base/text.h"

namespace bench {
namespace {

struct Process {
  pid_t parent = 0;
  int64_t ticks = 0;       // its own
  int64_t dead_ticks = 0;  // of its children that have ended
};
using Table = std::map<pid_t, Process>;

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};

// proc(5): the name in parentheses may hold anything; what follows it is numbers.
bool read_stat(const std::string& pid, Process& process) {
  std::ifstream file("/proc/" + pid + "/stat");
  std::string line;
  if (!std::getline(file, line) || line.rfind(')') == std::string::npos) return false;
  std::istringstream rest(line.substr(line.rfind(')') + 1));
  std::string skip;
  int64_t user = 0;
  int64_t system = 0;
  int64_t dead_user = 0;
  int64_t dead_system = 0;
  rest >> skip >> process.parent;  // fields 3, 4
  for (int field = 5; field < 14; ++field) rest >> skip;
  rest >> user >> system >> dead_user >> dead_system;  // 14 to 17
  process.ticks = user + system;
  process.dead_ticks = dead_user + dead_system;
  return static_cast<bool>(rest);
}

Table read_table() {
  Table table;
  const std::unique_ptr<DIR, CloseFolder> folder(opendir("/proc"));
  if (!folder) return table;
  while (const dirent* entry = readdir(folder.get())) {
    const auto pid = base::to_int(entry->d_name);
    Process process;
    if (pid && read_stat(entry->d_name, process)) table.emplace(static_cast<pid_t>(*pid), process);
  }
  return table;
}

// The whole family's. chatbench's own dead children are of an earlier phase.
int64_t ticks_below(const Table& table, pid_t root) {
  int64_t ticks = 0;
  for (const auto& [pid, process] : table) {
    pid_t at = pid;
    for (auto found = table.find(at); at != root && found != table.end(); found = table.find(at))
      at = found->second.parent;
    if (at == root) ticks += process.ticks + process.dead_ticks;
  }
  return ticks;
}

int64_t pss_kib(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/smaps_rollup");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("Pss:")) return std::stoll(line.substr(4));
  return 0;
}

size_t kind_of(const std::string& name) {
  if (name.starts_with("node-")) return static_cast<size_t>(Side::chatd);
  for (size_t i = 0; i < side_names.size(); ++i)
    if (side_names[i] == name) return i;
  return side_names.size();
}

}  // namespace

base::Result<Processes> Processes::read(const std::string& path) {
  Processes processes;
  processes.roots_.emplace_back(static_cast<size_t>(Side::chatbench), getpid());
  if (path.empty()) return processes;
  std::ifstream file(path);
  if (!file) return base::unavailable(path + ": " + strerror(errno));
  std::string name;
  pid_t pid = 0;
  while (file >> name >> pid)
    if (const size_t kind = kind_of(name); kind < side_names.size()) processes.roots_.emplace_back(kind, pid);
  if (!file.eof()) return base::unavailable(path + ": expected lines NAME PID");
  return processes;
}

bool Processes::known(size_t side) const {
  for (const auto& [kind, pid] : roots_)
    if (kind == side) return true;
  return false;
}

CpuTimes Processes::cpu() const {
  const Table table = read_table();
  const double tick = 1.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
  CpuTimes times{};
  for (const auto& [kind, pid] : roots_) times[kind] += static_cast<double>(ticks_below(table, pid)) * tick;
  return times;
}

int64_t Processes::workers_pss_kib() const {
  int64_t sum = 0;
  for (const auto& [pid, process] : read_table())
    for (const auto& [kind, master] : roots_)
      if (kind == static_cast<size_t>(Side::chatd) && process.parent == master) sum += pss_kib(pid);
  return sum;
}

}  // namespace bench
