// See supervisor.h. Starting a worker is in spawn.cc.
#include "master/supervisor.h"

#include <sys/wait.h>

#include <algorithm>
#include <cassert>
#include <csignal>
#include <cstring>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/ipc/exit_status.h"

namespace master {
namespace {

using base::Level;

constexpr int64_t idle_turn_ms = 500;
constexpr int64_t busy_turn_ms = 50;  // while somebody starts or leaves

bool is_fatal(int status) {
  return WIFEXITED(status) && WEXITSTATUS(status) == ipc::exit_fatal;
}

// An end that nobody asked for is an alert; a worker that went in peace, or by our hand, is not.
void log_end(const Process& process, int status) {
  const bool expected = process.killed || process.told != Told::nothing;
  if (WIFSIGNALED(status))
    base::log(expected ? Level::notice : Level::alert, "worker %d (process %d) exited on signal %d",
              process.slot, process.pid, WTERMSIG(status));
  else if (WEXITSTATUS(status) == ipc::exit_ok || is_fatal(status))
    base::log(Level::notice, "worker %d (process %d) exited", process.slot, process.pid);
  else
    base::log(Level::alert, "worker %d (process %d) exited with status %d", process.slot, process.pid,
              WEXITSTATUS(status));
}

void kill_it(Process& process) {
  kill(process.pid, SIGKILL);
  process.killed = true;
}

}  // namespace

void Supervisor::add(std::unique_ptr<Cycle> cycle) {
  const int64_t now = base::mono_ms();
  for (int slot = 0; slot < cycle->workers(); ++slot) table_.add(cycle->generation, slot, now);
  cycles_.push_back(std::move(cycle));
}

Cycle& Supervisor::current() const {
  assert(!cycles_.empty());
  const auto it =
      std::find_if(cycles_.rbegin(), cycles_.rend(), [](const auto& cycle) { return !cycle->retiring; });
  return it == cycles_.rend() ? *cycles_.back() : **it;
}

bool Supervisor::reloading() const {
  return std::count_if(cycles_.begin(), cycles_.end(), [](const auto& c) { return !c->retiring; }) > 1;
}

bool Supervisor::any_ready() const {
  return std::any_of(cycles_.begin(), cycles_.end(),
                     [](const auto& cycle) { return !cycle->retiring && cycle->ready_workers() > 0; });
}

Cycle& Supervisor::cycle_of(const Process& process) const {
  const auto it = std::find_if(cycles_.begin(), cycles_.end(),
                               [&process](const auto& c) { return c->generation == process.generation; });
  assert(it != cycles_.end());
  return **it;
}

ipc::Slot& Supervisor::slot_of(const Process& process) const {
  return cycle_of(process).shared.slot(process.slot);
}

void Supervisor::reap() {
  int status = 0;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
    if (Process* process = table_.find(pid)) ended(*process, status);
}

void Supervisor::ended(Process& process, int status) {
  Cycle& cycle = cycle_of(process);
  log_end(process, status);
  const std::string words = slot_of(process).heard_last_words();
  cycle.shared.end(process.slot);
  const bool fatal = is_fatal(status) && process.told == Told::nothing;
  if (fatal) process.told = Told::term;  // so that it has no successor
  const int slot = process.slot;
  if (table_.ended(process, base::mono_ms(), cycle.settings.respawn_delay_max) && process.delay > 0)
    base::log(Level::warn, "worker %d keeps dying: the next one starts in %d s", slot,
              static_cast<int>(process.delay / 1000));
  if (fatal) give_up(cycle, words.empty() ? "a worker can't go on" : words);
}

// After a reload the older generation goes on; otherwise there is nothing to go on with.
void Supervisor::give_up(Cycle& cycle, const std::string& why) {
  if (!reloading())
    fatal_ = why;
  else if (&cycle == &current())
    base::log(Level::error, "the new configuration is given up: %s", why.c_str());
  else
    base::log(Level::error, "the workers of the old configuration can't go on: %s", why.c_str());
  retire(cycle, Told::term);
}

void Supervisor::turn(int64_t now) {
  // Who was stopped itself, or found no CPU, can't tell whose silence it is.
  if (last_turn_ != 0 && now - last_turn_ > 2 * idle_turn_ms) fair_from_ = now;
  last_turn_ = now;
  while (Process* process = table_.due(now)) start(*process, now);
  for (Process& process : table_.all())
    if (process.pid != 0) check(process, now);
  if (reloading() && current().ready_workers() == current().workers()) retire_older();
  forget_gone_cycles();
}

int64_t Supervisor::next_turn(int64_t now) const {
  int64_t wait = idle_turn_ms;
  for (const Process& process : table_.all())
    if (process.told != Told::nothing || slot_of(process).state == ipc::State::starting) wait = busy_turn_ms;
  if (const auto start = table_.next_start()) wait = std::min(wait, *start - now);
  return std::max<int64_t>(wait, 0);
}

void Supervisor::check(Process& process, int64_t now) {
  if (process.killed) return;
  const conf::Settings& settings = cycle_of(process).settings;
  if (process.told != Told::nothing && now >= process.deadline) {
    if (process.told == Told::quit) return tell(process, Told::term, now);
    base::log(Level::error, "worker %d (process %d) does not leave: killed", process.slot, process.pid);
    return kill_it(process);
  }
  if (process.told == Told::term) return;  // its deadline is short enough
  const ipc::Slot& slot = slot_of(process);
  const int64_t silence = now - std::max(slot.heartbeat.load(), fair_from_);
  const bool starting = slot.state == ipc::State::starting;
  if (silence <= (starting ? std::max(start_ms, settings.worker_timeout) : settings.worker_timeout)) return;
  base::log(Level::crit, "worker %d (process %d) has been silent for %lld ms: killed", process.slot,
            process.pid, static_cast<long long>(silence));
  kill_it(process);
}

void Supervisor::tell(Process& process, Told how, int64_t now) {
  if (process.pid == 0 || process.told >= how) return;
  kill(process.pid, how == Told::quit ? SIGQUIT : SIGTERM);
  process.told = how;
  process.deadline = now + (how == Told::quit ? cycle_of(process).settings.shutdown_timeout : term_ms);
}

void Supervisor::retire(Cycle& cycle, Told how) {
  cycle.retiring = true;
  table_.cancel(cycle.generation);
  const int64_t now = base::mono_ms();
  for (Process& process : table_.all())
    if (process.generation == cycle.generation) tell(process, how, now);
}

// The master's copies of the listeners go too, here and at the end, or clients of an address that is gone
// would queue for nobody.
void Supervisor::retire_older() {
  Cycle& newest = current();
  for (const auto& cycle : cycles_) {
    if (cycle.get() == &newest || cycle->retiring) continue;
    cycle->shared.replaced() = true;
    retire(*cycle, Told::quit);
    cycle->listeners.close();
    cycle->listeners.close_agent();
  }
  base::log(Level::notice, "the new configuration serves");
}

void Supervisor::forget_gone_cycles() {
  const auto is_gone = [this](const auto& c) { return c->retiring && !table_.has(c->generation); };
  for (const auto& cycle : cycles_)
    if (is_gone(cycle)) cycle->listeners.remove_names(current().retiring ? nullptr : &current().listeners);
  std::erase_if(cycles_, is_gone);
}

void Supervisor::stop_all(Told how) {
  for (const auto& cycle : cycles_) {
    retire(*cycle, how);
    cycle->listeners.close();
  }
}

void Supervisor::pass_on(int signal) {
  for (const Process& process : table_.all())
    if (process.pid != 0) kill(process.pid, signal);
}

}  // namespace master
