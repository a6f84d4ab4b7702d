// See log.h. State is per process: a worker inherits its master's and changes its identity only.
#include "common/base/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "common/base/fd.h"

namespace base {
namespace {

constexpr std::array<const char*, 8> words = {"emerg", "alert",  "crit", "error",
                                              "warn",  "notice", "info", "debug"};
constexpr size_t line_limit = 2048;  // a longer line is cut: the log is for people

std::string target = "stderr";
std::string identity = "chatd";
Level least_level = Level::notice;
Fd file;

size_t stamp(char* out, size_t size) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  tm utc{};
  gmtime_r(&now.tv_sec, &utc);
  const size_t n = strftime(out, size, "%Y-%m-%dT%H:%M:%S", &utc);
  return n + static_cast<size_t>(snprintf(out + n, size - n, ".%03ldZ", now.tv_nsec / 1000000));
}

}  // namespace

bool log_open(const std::string& path) {
  if (path == "stderr") {
    file.reset();
  } else {
    Fd opened(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
    if (!opened) return false;
    file = std::move(opened);
  }
  target = path;
  return true;
}

void log_reopen() {
  if (!log_open(target)) log(Level::alert, "can't reopen %s: %s", target.c_str(), strerror(errno));
}

void log_level(Level least) {
  least_level = least;
}
void log_identity(std::string who) {
  identity = std::move(who);
}
bool log_enabled(Level level) {
  return level <= least_level;
}

void log(Level level, const char* format, ...) {
  if (!log_enabled(level)) return;
  char line[line_limit];
  size_t n = stamp(line, sizeof line);
  n += static_cast<size_t>(snprintf(line + n, sizeof line - n, " [%s] %s %d: ",
                                    words[static_cast<size_t>(level)], identity.c_str(), getpid()));
  va_list args;
  va_start(args, format);
  const int body = vsnprintf(line + n, sizeof line - n - 1, format, args);
  va_end(args);
  if (body > 0) n = std::min(n + static_cast<size_t>(body), sizeof line - 2);
  line[n++] = '\n';
  [[maybe_unused]] ssize_t written = ::write(file ? file.get() : STDERR_FILENO, line, n);
}

}  // namespace base
