// See listeners.h.
#include "master/listeners.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "common/conf/address.h"

namespace master {
namespace {

constexpr int agent_backlog = 128;

base::Error system_error(const char* what) {
  return base::internal(std::string(what) + ": " + strerror(errno));
}

// Bytes that the kernel takes for a peer and has not sent. Without a bound it holds megabytes for a slow
// reader, and says that there is room only when a third of them has gone.
constexpr int unsent_limit = 128 * 1024;

void set(int fd, int level, int option, int value = 1) {
  setsockopt(fd, level, option, &value, sizeof value);
}

// What an accepted socket shall have it inherits from here, and costs no system call of its own.
void set_options(int fd, int family) {
  if (family == AF_UNIX) return;
  set(fd, SOL_SOCKET, SO_REUSEADDR);
  set(fd, SOL_SOCKET, SO_KEEPALIVE);
  set(fd, IPPROTO_TCP, TCP_NODELAY);
  set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, unsent_limit);
  if (family == AF_INET6) set(fd, IPPROTO_IPV6, IPV6_V6ONLY);
}

std::string path_of(const std::string& text) {
  const std::string_view mark = "unix:";
  return text.starts_with(mark) ? text.substr(mark.size()) : "";
}

// A name that a killed master left behind: nobody answers there, so it may go.
void remove_stale_name(const conf::Address& address, const std::string& path) {
  if (path.empty()) return;
  const base::Fd probe(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (connect(probe.get(), address.get(), address.size) != 0 && errno == ECONNREFUSED) unlink(path.c_str());
}

base::Result<base::Fd> bind_new(const std::string& text, int backlog) {
  auto address = conf::parse_address(text);
  if (!address) return address.error();
  const std::string path = path_of(text);
  base::Fd fd(socket(address->family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return system_error("socket");
  set_options(fd.get(), address->family());
  remove_stale_name(*address, path);
  if (bind(fd.get(), address->get(), address->size) != 0) return system_error("bind");
  // As nginx does: who may connect is the folder's matter, else a proxy of another user could not.
  if (!path.empty()) chmod(path.c_str(), 0666);
  if (listen(fd.get(), backlog) != 0) return system_error("listen");
  return fd;
}

}  // namespace

const Listeners::Listener* Listeners::find(const std::string& address) const {
  for (const Listener& listener : listeners_)
    if (listener.address == address) return &listener;
  return agent_.fd && agent_.address == address ? &agent_ : nullptr;
}

base::Result<base::Fd> Listeners::bind_or_share(const std::string& address, int backlog,
                                                const Listeners* old) {
  const Listener* same = old != nullptr ? old->find(address) : nullptr;
  if (same == nullptr) return bind_new(address, backlog);
  base::Fd fd(fcntl(same->fd.get(), F_DUPFD_CLOEXEC, 0));
  if (!fd) return system_error("dup");
  listen(fd.get(), backlog);  // the backlog may be another one now
  return fd;
}

base::Result<Listeners> Listeners::open(const conf::Settings& settings, const std::string& config_path,
                                        const Listeners* old) {
  Listeners all;
  for (const conf::Listen& listen : settings.listen) {
    auto fd = bind_or_share(listen.address, listen.backlog, old);
    if (!fd)
      return base::internal(config_path + ":" + std::to_string(listen.line) + ": listen \"" + listen.address +
                            "\": " + fd.error().detail);
    all.listeners_.push_back(Listener{listen.address, listen.proxy, listen.websocket, std::move(*fd)});
  }
  if (settings.agent_listen.empty()) return all;
  auto fd = bind_or_share(settings.agent_listen, agent_backlog, old);
  if (!fd)
    return base::internal(config_path + ": agent_listen \"" + settings.agent_listen +
                          "\": " + fd.error().detail);
  all.agent_ = Listener{settings.agent_listen, false, false, std::move(*fd)};
  return all;
}

std::vector<ipc::Socket> Listeners::sockets() const {
  std::vector<ipc::Socket> out;
  for (const Listener& l : listeners_)
    out.push_back(ipc::Socket{l.fd.get(), l.proxy, l.address, l.websocket});
  return out;
}

void Listeners::close() {
  for (Listener& listener : listeners_) listener.fd.reset();
}

void Listeners::remove_names(const Listeners* kept) const {
  const auto remove = [kept](const std::string& address) {
    const std::string path = path_of(address);
    if (!path.empty() && (kept == nullptr || kept->find(address) == nullptr)) unlink(path.c_str());
  };
  for (const Listener& listener : listeners_) remove(listener.address);
  if (!agent_.address.empty()) remove(agent_.address);
}

}  // namespace master
