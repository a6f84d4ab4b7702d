// See process_table.h.
#include "master/process_table.h"

namespace master {

void ProcessTable::add(int generation, int slot, int64_t now) {
  Process process;
  process.generation = generation;
  process.slot = slot;
  process.start_at = now;
  all_.push_back(std::move(process));
}

Process* ProcessTable::due(int64_t now) {
  const auto it = std::find_if(all_.begin(), all_.end(),
                               [now](const Process& p) { return p.pid == 0 && p.start_at <= now; });
  return it == all_.end() ? nullptr : &*it;
}

std::optional<int64_t> ProcessTable::next_start() const {
  std::optional<int64_t> next;
  for (const Process& p : all_)
    if (p.pid == 0 && (!next || p.start_at < *next)) next = p.start_at;
  return next;
}

void ProcessTable::started(Process& process, pid_t pid, base::Fd channel, int64_t now) {
  process.pid = pid;
  process.channel = std::move(channel);
  process.started = now;
}

bool ProcessTable::ended(Process& process, int64_t now, int64_t delay_max) {
  if (process.told != Told::nothing) {
    all_.remove_if([&process](const Process& p) { return &p == &process; });
    return false;
  }
  const bool young = process.pid == 0 || now - process.started < young_ms;
  if (!young || !process.died_young)
    process.delay = 0;
  else
    process.delay = std::min(std::max(process.delay * 2, first_delay_ms), delay_max);
  process.died_young = young;
  process.pid = 0;
  process.killed = false;
  process.channel.reset();
  process.start_at = now + process.delay;
  return true;
}

void ProcessTable::cancel(int generation) {
  all_.remove_if([generation](const Process& p) { return p.generation == generation && p.pid == 0; });
}

Process* ProcessTable::find(pid_t pid) {
  const auto it = std::find_if(all_.begin(), all_.end(), [pid](const Process& p) { return p.pid == pid; });
  return it == all_.end() || pid == 0 ? nullptr : &*it;
}

bool ProcessTable::has(int generation) const {
  return std::any_of(all_.begin(), all_.end(),
                     [generation](const Process& p) { return p.generation == generation; });
}

}  // namespace master
