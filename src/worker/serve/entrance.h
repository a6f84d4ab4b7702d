// Entrance: what a connection must say before it speaks frames: the PROXY header where there must be one, and
// the HTTP of a browser up to its WebSocket. Owned by the service. It knows no request.
#pragma once

#include "common/base/outage.h"
#include "common/conf/address.h"
#include "worker/handler/call.h"
#include "worker/net/acceptor.h"
#include "worker/serve/web.h"

namespace serve {

class Entrance {
 public:
  Entrance(handler::Context& context, const files::Folder& files);

  // True once the connection speaks frames; false: it is to be closed, and knows why where that helps.
  loop::Task<bool> admit(session::Session& session, net::Accepted origin);

 private:
  loop::Task<bool> read_proxy(session::Session& session, net::Accepted origin);

  handler::Context& context_;
  const conf::Settings& settings_;
  const conf::TrustedPeers trusted_;
  base::Outage untrusted_;  // whose headers are not believed: an operator's mistake, mostly
  Web web_;
};

}  // namespace serve
