// See master.h. One round: wait, reap, act on what signals asked, supervise, answer the agent.
#include "master/master.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string_view>
#include <utility>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/conf/load.h"
#include "common/conf/reload.h"
#include "common/ipc/exit_status.h"
#include "common/ipc/notify.h"
#include "master/agent.h"
#include "master/build_info.h"
#include "master/limits.h"
#include "master/signals.h"
#include "master/supervisor.h"
#include "worker/worker.h"

namespace master {
namespace {

using base::Level;

class Master {
 public:
  Master(std::string config_path) : config_path_(std::move(config_path)) {}
  bool begin(conf::Settings settings);
  int serve();

 private:
  void wait();
  void act();
  void stop(Told how);
  void reload();
  void reloaded();
  void look_for_fatal();
  void answer_agent(int64_t now);

  std::string config_path_;
  Supervisor supervisor_;
  Agent agent_;
  int generation_ = 0;
  bool reloading_ = false;
  bool stopping_ = false;
  bool failed_ = false;
};

// For what ends the master: whoever started it by hand shall see it, wherever the log goes.
void complain(const conf::Settings& settings, const std::string& why) {
  base::log(Level::emerg, "%s", why.c_str());
  if (settings.error_log != "stderr") std::fprintf(stderr, "chatd: %s\n", why.c_str());
}

void refuse(const std::string& why) {
  base::log(Level::error, "not reloaded: %s", why.c_str());
}

bool Master::begin(conf::Settings settings) {
  raise_descriptor_limit(settings);
  auto cycle = make_cycle(++generation_, settings, config_path_, nullptr);
  if (!cycle) {
    complain(settings, cycle.error().detail);
    return false;
  }
  base::log(base::Level::notice, "%s starts", version().c_str());
  for (const ipc::Socket& socket : (*cycle)->listeners.sockets())
    base::log(base::Level::notice, "listening on %s%s%s", socket.address.c_str(),
              socket.proxy ? " (proxy)" : "", socket.websocket ? " (websocket)" : "");
  supervisor_.add(std::move(*cycle));
  supervisor_.turn(base::mono_ms());
  return true;
}

int Master::serve() {
  while (!supervisor_.all_gone()) {
    wait();
    if (take(Ask::reap)) supervisor_.reap();
    look_for_fatal();
    act();
    const int64_t now = base::mono_ms();
    answer_agent(now);
    supervisor_.turn(now);
    if (reloading_ && !supervisor_.reloading()) reloaded();
  }
  base::log(Level::notice, "exit");
  return failed_ ? ipc::exit_failed : ipc::exit_ok;
}

void Master::wait() {
  const int64_t now = base::mono_ms();
  pollfd agent{supervisor_.current().listeners.agent(), POLLIN, 0};
  if (!agent_.wants(now)) agent.fd = -1;
  const int64_t ms = supervisor_.next_turn(now);
  const timespec timeout{ms / 1000, ms % 1000 * 1000000};
  ppoll(&agent, 1, &timeout, &wait_mask());
}

void Master::act() {
  if (take(Ask::stop)) stop(Told::term);
  if (take(Ask::quit)) stop(Told::quit);
  if (take(Ask::reload) && !stopping_) reload();
  if (take(Ask::reopen)) {
    base::log_reopen();
    supervisor_.pass_on(SIGUSR1);
    base::log(Level::notice, "log reopened");
  }
}

void Master::stop(Told how) {
  base::log(Level::notice, how == Told::quit ? "leaving gracefully" : "leaving");
  if (!std::exchange(stopping_, true)) ipc::notify("STOPPING=1");
  supervisor_.stop_all(how);
}

// Whatever fails here, everything stays as it was.
void Master::reload() {
  base::log(Level::notice, "reading %s again", config_path_.c_str());
  const Cycle& running = supervisor_.current();
  auto settings = conf::load(config_path_, worker::conninfo_problem);
  if (!settings) return refuse(settings.error().detail);
  auto cycle = make_cycle(generation_ + 1, *settings, config_path_, &running);
  if (!cycle) return refuse(cycle.error().detail);
  if (!open_log(*settings)) return refuse("error_log \"" + settings->error_log + "\": " + strerror(errno));
  for (const std::string_view directive : conf::changed_in_vain(running.settings, *settings))
    base::log(Level::warn, "%s: this change needs a restart", std::string(directive).c_str());
  raise_descriptor_limit(*settings);
  ++generation_;
  supervisor_.add(std::move(*cycle));
  reloading_ = true;
  ipc::notify("RELOADING=1");
}

// The service manager waits for this; that the older workers still drain is no concern of its.
void Master::reloaded() {
  reloading_ = false;
  if (!stopping_) ipc::notify("READY=1");
}

void Master::look_for_fatal() {
  if (!supervisor_.fatal() || failed_) return;
  complain(supervisor_.current().settings, *supervisor_.fatal());
  failed_ = true;
  stop(Told::term);
}

void Master::answer_agent(int64_t now) {
  if (supervisor_.all_gone()) return;
  const int fd = supervisor_.current().listeners.agent();
  if (fd >= 0 && agent_.wants(now)) agent_.answer(fd, !stopping_ && supervisor_.any_ready(), now);
}

}  // namespace

int run(conf::Settings settings, const std::string& config_path, std::function<void()> on_ready) {
  if (!open_log(settings)) {
    complain(settings, "error_log \"" + settings.error_log + "\": " + strerror(errno));
    return ipc::exit_failed;
  }
  catch_signals();
  Master master(config_path);
  if (!master.begin(std::move(settings))) return ipc::exit_failed;
  if (on_ready) on_ready();
  return master.serve();
}

}  // namespace master
