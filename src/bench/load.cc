// See load.h.
#include "bench/load.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <exception>
#include <system_error>

#include "bench/clock.h"

namespace bench {
namespace {

// How soon the parent's word is heard.
constexpr int64_t look_us = second_us / 50;

void drive(const Kind& kind, Context& context) {
  const Control& control = context.board.control();
  const auto scenario = kind.make(context);
  bool started = false;
  while (!control.stop) {
    const int64_t now = now_us();
    if (!started && control.start_us != never_us) {
      started = true;
      scenario->start(control.start_us);
    }
    const int64_t due = scenario->turn(now);
    if (!started && scenario->ready()) context.part.ready = true;
    if (context.over(now)) context.part.all_begun = true;
    context.poller.wait(std::min(due, now + look_us));
  }
  if (context.journal) context.journal->finish();
}

[[noreturn]] void live(const Kind& kind, const Run& run, size_t index, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_TIMERSLACK, 1);  // what is due leaves when it is due, not 50 us later
  signal(SIGTERM, SIG_DFL);
  signal(SIGINT, SIG_IGN);  // the terminal sends it to all; the parent decides
  if (getppid() != parent) _exit(1);
  try {
    Poller poller;
    Context context(run, index, poller);
    drive(kind, context);
    _exit(0);
  } catch (const std::exception& error) {
    run.board.parts()[index].fail(error.what());
    _exit(1);
  }
}

}  // namespace

int start_load(const Kind& kind, const Run& run, size_t index) {
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid == 0) live(kind, run, index, parent);
  return pid;
}

}  // namespace bench
