// See daemon.h. Two forks: the first gets away from the process group, so that setsid() works; the second
// from being a session's leader, so that no terminal opened later becomes the controlling one.
#include "master/daemon.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace master {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

pid_t checked_fork() {
  const pid_t pid = fork();
  if (pid < 0) fail("fork");
  return pid;
}

// In the process that was started. _exit: what is buffered belongs to the children too.
[[noreturn]] void wait_and_exit(base::Fd pipe) {
  char byte = 0;
  ssize_t n;
  do n = read(pipe.get(), &byte, 1);
  while (n < 0 && errno == EINTR);
  _exit(n == 1 ? EXIT_SUCCESS : EXIT_FAILURE);
}

void to_null(int fd) {
  const base::Fd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (null) dup2(null.get(), fd);
}

}  // namespace

Daemon Daemon::detach() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) fail("pipe");
  base::Fd reader(ends[0]), writer(ends[1]);
  if (checked_fork() != 0) {
    writer.reset();
    wait_and_exit(std::move(reader));
  }
  reader.reset();
  if (setsid() < 0) fail("setsid");
  if (checked_fork() != 0) _exit(EXIT_SUCCESS);
  if (chdir("/") != 0) fail("chdir /");
  to_null(STDIN_FILENO);
  return Daemon(std::move(writer));
}

void Daemon::up() {
  if (!parent_) return;
  to_null(STDOUT_FILENO);
  to_null(STDERR_FILENO);
  const char byte = 0;
  [[maybe_unused]] const ssize_t n = write(parent_.get(), &byte, 1);  // nobody waits any more: no matter
  parent_.reset();
}

}  // namespace master
