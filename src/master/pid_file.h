// PidFile: the file with the master's process id, and the proof that it is alive: a lock on the file.
//
// The lock is fcntl's, which belongs to the process: workers do not inherit it, and it ends with the
// master, however that ends. So a number left behind is never taken for a living server.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <string>

#include "common/base/error.h"
#include "common/base/fd.h"

namespace master {

class PidFile {
 public:
  // Locks the file, empty until write(). Fails if a living chatd has it. An empty path: there is none.
  static base::Result<PidFile> take(const std::string& path);

  PidFile(PidFile&& other) noexcept = default;
  PidFile& operator=(PidFile&&) = delete;
  // Removes the file, in the process that took it alone.
  ~PidFile();

  // Once signals are obeyed: from here on `chatd -s` may send them.
  base::Result<void> write();

 private:
  PidFile(std::string path, base::Fd fd) : path_(std::move(path)), fd_(std::move(fd)), owner_(getpid()) {}

  std::string path_;
  base::Fd fd_;
  pid_t owner_;
};

// The living master whose file this is.
base::Result<pid_t> running_master(const std::string& path);

}  // namespace master
