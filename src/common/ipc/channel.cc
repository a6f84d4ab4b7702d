// See channel.h.
#include "common/ipc/channel.h"

#include <sys/socket.h>

#include <cerrno>
#include <system_error>

namespace ipc {

Channel make_channel() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
    throw std::system_error(errno, std::generic_category(), "socketpair");
  return Channel{base::Fd(ends[0]), base::Fd(ends[1])};
}

}  // namespace ipc
