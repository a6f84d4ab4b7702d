// The part of the supervisor that makes processes: the fork, and what a child does before it is a worker.
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <system_error>

#include "common/base/log.h"
#include "common/ipc/channel.h"
#include "common/ipc/exit_status.h"
#include "master/signals.h"
#include "master/supervisor.h"
#include "worker/worker.h"

namespace master {
namespace {

using base::Level;

// Nobody would watch over an orphan, and its sockets would keep the next master from binding: it is killed.
void die_with(pid_t master) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != master) _exit(ipc::exit_ok);
}

int run_worker(Cycle& cycle, int slot, int channel_fd) try {
  const auto sockets = cycle.listeners.sockets();
  return worker::run(cycle.settings, cycle.files, cycle.shared, sockets, slot, channel_fd);
} catch (const std::exception& e) {
  base::log(Level::error, "the worker can't go on: %s", e.what());
  return ipc::exit_failed;
}

}  // namespace

void Supervisor::start(Process& process, int64_t now) try {
  Cycle& cycle = cycle_of(process);
  ipc::Channel channel = ipc::make_channel();
  cycle.shared.begin(process.slot, now);
  const pid_t master = getpid();
  const pid_t pid = fork();
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid == 0) become_worker(cycle, process.slot, channel.worker.release(), master);
  cycle.shared.slot(process.slot).pid = pid;
  table_.started(process, pid, std::move(channel.master), now);
  base::log(Level::notice, "started worker %d (process %d)", process.slot, pid);
} catch (const std::system_error& e) {
  base::log(Level::error, "can't start worker %d: %s", process.slot, e.what());
  cycle_of(process).shared.end(process.slot);
  table_.ended(process, now, cycle_of(process).settings.respawn_delay_max);
}

// What is the master's alone is let go: descriptors above all, since a copy of another worker's channel
// would keep that worker from seeing its end. By exit(), so that a leak checker has its say; it destroys
// no object on the stack, so nothing is closed that is in use.
void Supervisor::become_worker(Cycle& cycle, int slot, int channel_fd, pid_t master) {
  die_with(master);
  base::log_identity(cycle.settings.node + "/" + std::to_string(slot));
  table_.all().clear();
  cycle.listeners.close_agent();
  std::erase_if(cycles_, [&cycle](const auto& other) { return other.get() != &cycle; });
  release_signals();
  std::exit(run_worker(cycle, slot, channel_fd));
}

}  // namespace master
