// Signals: what each asks of the master. The handlers set flags, the master's loop acts.
#pragma once

#include <array>
#include <csignal>
#include <cstdint>
#include <optional>
#include <string_view>

namespace master {

enum class Ask : uint8_t { nothing, stop, quit, reload, reopen, reap };

struct Signal {
  int number;
  std::string_view name;
  std::string_view word;  // chatd -s WORD; "" where there is none
  Ask ask;
  std::string_view what;
};

inline constexpr std::array<Signal, 9> signals = {{
    {SIGTERM, "TERM", "stop", Ask::stop, "leave at once"},
    {SIGINT, "INT", "", Ask::stop, "leave at once"},
    {SIGQUIT, "QUIT", "quit", Ask::quit, "leave when the clients have been told"},
    {SIGHUP, "HUP", "reload", Ask::reload, "read the configuration again"},
    {SIGUSR1, "USR1", "reopen", Ask::reopen, "open the log again"},
    {SIGCHLD, "CHLD", "", Ask::reap, "a worker has ended"},
    {SIGUSR2, "USR2", "", Ask::nothing, "ignored"},
    {SIGWINCH, "WINCH", "", Ask::nothing, "ignored"},
    {SIGPIPE, "PIPE", "", Ask::nothing, "ignored"},
}};

// The signal of `chatd -s WORD`.
std::optional<int> signal_of(std::string_view word);

// Installs the handlers. From here on the signals come only within wait_mask(), that is in ppoll().
void catch_signals();
const sigset_t& wait_mask();

// True if it has been asked since it was last taken.
bool take(Ask ask);

// For the child after fork: until the worker has handlers of its own TERM and QUIT end it, and what a
// terminal sends to the whole group is the master's to obey.
void release_signals();

}  // namespace master
