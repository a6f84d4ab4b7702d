// See agent.h.
#include "master/agent.h"

#include <sys/socket.h>

#include <cerrno>
#include <string_view>

#include "common/base/fd.h"

namespace master {
namespace {

constexpr int answers_a_turn = 16;
constexpr int64_t pause_ms = 100;

void say(int fd, std::string_view line) {
  send(fd, line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  shutdown(fd, SHUT_WR);
  // What the asker sent is read away (there is an agent-send): closing over it would reset the answer.
  char asked[256];
  recv(fd, asked, sizeof asked, MSG_DONTWAIT);
}

}  // namespace

void Agent::answer(int listening_fd, bool ready, int64_t now) {
  for (int i = 0; i < answers_a_turn; ++i) {
    const base::Fd fd(accept4(listening_fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd)
      say(fd.get(), ready ? "ready\n" : "drain\n");
    else if (errno == EAGAIN)
      return;
    else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      paused_until_ = now + pause_ms;
      return;
    }
  }
}

}  // namespace master
