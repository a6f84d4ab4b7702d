// Listeners: the bound sockets of one generation, the agent's among them.
//
// Owned by a cycle. What an older generation has bound to the same address is used again (a duplicate of
// the descriptor, the same socket with the same queue), so that a reload refuses nobody. Never accepts.
#pragma once

#include <string>
#include <vector>

#include "common/base/error.h"
#include "common/base/fd.h"
#include "common/conf/settings.h"
#include "common/ipc/socket.h"

namespace master {

class Listeners {
 public:
  // Binds all or nothing. `old` may be null. An error names directive, line and address.
  static base::Result<Listeners> open(const conf::Settings& settings, const std::string& config_path,
                                      const Listeners* old);

  std::vector<ipc::Socket> sockets() const;      // for the workers: without the agent's
  int agent() const { return agent_.fd.get(); }  // -1: none

  void close_agent() { agent_.fd.reset(); }
  void close();
  // Unix sockets leave a name in the file system: removes those that `kept` (may be null) has not.
  void remove_names(const Listeners* kept) const;

 private:
  struct Listener {
    std::string address;
    bool proxy = false;
    bool websocket = false;
    base::Fd fd;
  };
  const Listener* find(const std::string& address) const;
  static base::Result<base::Fd> bind_or_share(const std::string& address, int backlog, const Listeners* old);

  std::vector<Listener> listeners_;
  Listener agent_;
};

}  // namespace master
