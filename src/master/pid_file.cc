// See pid_file.h.
#include "master/pid_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <string_view>

#include "common/base/text.h"

namespace master {
namespace {

base::Error failed(const std::string& path, const std::string& why) {
  return base::internal("pid_file " + path + ": " + why);
}

struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

// Another chatd may have removed the name between our open() and our lock.
bool still_named(const std::string& path, int fd) {
  struct stat by_name {
  }, by_fd{};
  return stat(path.c_str(), &by_name) == 0 && fstat(fd, &by_fd) == 0 && by_name.st_dev == by_fd.st_dev &&
         by_name.st_ino == by_fd.st_ino;
}

std::optional<pid_t> read_pid(int fd) {
  char text[32];
  const ssize_t n = pread(fd, text, sizeof text, 0);
  std::string_view digits(text, n > 0 ? static_cast<size_t>(n) : 0);
  if (digits.ends_with('\n')) digits.remove_suffix(1);
  const std::optional<int64_t> pid = base::to_int(digits);
  if (!pid || *pid < 1 || *pid > INT32_MAX) return std::nullopt;
  return static_cast<pid_t>(*pid);
}

bool is_locked(int fd) {
  struct flock lock = whole_file();
  return fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

}  // namespace

base::Result<PidFile> PidFile::take(const std::string& path) {
  if (path.empty()) return PidFile(path, base::Fd());
  for (;;) {
    base::Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!fd) return failed(path, strerror(errno));
    struct flock lock = whole_file();
    if (fcntl(fd.get(), F_SETLK, &lock) != 0) {
      if (errno != EAGAIN && errno != EACCES) return failed(path, strerror(errno));
      const std::optional<pid_t> pid = read_pid(fd.get());
      return failed(path, "another chatd is running" + (pid ? ", process " + std::to_string(*pid) : ""));
    }
    if (!still_named(path, fd.get())) continue;
    if (ftruncate(fd.get(), 0) != 0) return failed(path, strerror(errno));
    return PidFile(path, std::move(fd));
  }
}

PidFile::~PidFile() {
  if (fd_ && owner_ == getpid()) unlink(path_.c_str());
}

base::Result<void> PidFile::write() {
  if (!fd_) return base::ok();
  const std::string text = std::to_string(getpid()) + "\n";
  if (pwrite(fd_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    return failed(path_, strerror(errno));
  return base::ok();
}

base::Result<pid_t> running_master(const std::string& path) {
  if (path.empty()) return base::internal("the configuration names no pid_file: who runs can't be known");
  const base::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return failed(path, errno == ENOENT ? "no chatd is running" : strerror(errno));
  if (!is_locked(fd.get())) return failed(path, "no chatd is running: the file was left behind");
  const std::optional<pid_t> pid = read_pid(fd.get());
  if (!pid) return failed(path, "chatd is starting, and has not written its process id yet");
  if (kill(*pid, 0) != 0) return failed(path, "process " + std::to_string(*pid) + ": " + strerror(errno));
  return *pid;
}

}  // namespace master
