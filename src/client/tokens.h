// Tokens: what a login leaves behind, one file (0600) per server and name below $XDG_STATE_HOME/chat, so that
// the next start needs no password and shows nothing twice. It never holds a password.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "client/address.h"
#include "common/base/error.h"

namespace client {

struct Kept {
  std::string token;                                    // empty: none
  std::vector<std::pair<std::string, int64_t>> seen{};  // (conversation, everything up to)
};

class Tokens {
 public:
  explicit Tokens(const Address& server);

  Kept load(const std::string& name) const;
  base::Result<void> save(const std::string& name, const Kept& kept) const;
  void remove(const std::string& name) const;
  // The name whose token was written last for this server; empty: none.
  std::string last_name() const;

 private:
  std::string path(const std::string& name) const;

  std::string folder_;
  std::string suffix_;  // "@host:port"
};

}  // namespace client
