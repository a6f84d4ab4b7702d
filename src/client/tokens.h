// Tokens: what a login leaves behind, one file (0600) per server and name below $XDG_STATE_HOME/chat, so that
// the next start needs no password. It never holds a password. Failures to write are told, not fatal.
#pragma once

#include <string>

#include "client/address.h"
#include "common/base/error.h"

namespace client {

class Tokens {
 public:
  explicit Tokens(const Address& server);

  std::string load(const std::string& name) const;  // empty: none
  base::Result<void> save(const std::string& name, const std::string& token) const;
  void remove(const std::string& name) const;
  // The name whose token was written last for this server; empty: none.
  std::string last_name() const;

 private:
  std::string path(const std::string& name) const;

  std::string folder_;
  std::string suffix_;  // "@host:port"
};

}  // namespace client
