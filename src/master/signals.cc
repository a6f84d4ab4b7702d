// See signals.h. The only globals of the master: a handler can reach nothing else.
#include "master/signals.h"

#include <unistd.h>

#include "common/ipc/exit_status.h"

namespace master {
namespace {

volatile sig_atomic_t asked[static_cast<size_t>(Ask::reap) + 1];
sigset_t before;

void on_signal(int number) {
  for (const Signal& signal : signals)
    if (signal.number == number) asked[static_cast<size_t>(signal.ask)] = 1;
}

void on_early_end(int) {
  _exit(ipc::exit_ok);
}

void install(int number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART | SA_NOCLDSTOP;
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, nullptr);
}

}  // namespace

std::optional<int> signal_of(std::string_view word) {
  for (const Signal& signal : signals)
    if (!word.empty() && signal.word == word) return signal.number;
  return std::nullopt;
}

void catch_signals() {
  sigset_t ours;
  sigemptyset(&ours);
  for (const Signal& signal : signals) {
    sigaddset(&ours, signal.number);
    install(signal.number, signal.ask == Ask::nothing ? SIG_IGN : on_signal);
  }
  sigprocmask(SIG_BLOCK, &ours, &before);
  for (const Signal& signal : signals) sigdelset(&before, signal.number);  // a parent may have blocked some
}

const sigset_t& wait_mask() {
  return before;
}

bool take(Ask ask) {
  auto& flag = asked[static_cast<size_t>(ask)];
  const bool was = flag != 0;
  flag = 0;
  return was;
}

void release_signals() {
  for (const Signal& signal : signals) install(signal.number, SIG_IGN);
  install(SIGCHLD, SIG_DFL);
  install(SIGTERM, on_early_end);
  install(SIGQUIT, on_early_end);
  sigset_t mask = before;
  sigaddset(&mask, SIGUSR1);  // it waits until the worker can act on it: a log is reopened once in a rotation
  sigprocmask(SIG_SETMASK, &mask, nullptr);
}

}  // namespace master
