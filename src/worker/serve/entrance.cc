// See entrance.h.
#include "worker/serve/entrance.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/loop/wait.h"
#include "worker/net/proxy.h"
#include "worker/serve/ending.h"

namespace serve {

using session::Session;

Entrance::Entrance(handler::Context& context, const files::Folder& files)
    : context_(context),
      settings_(context.settings),
      trusted_(settings_.proxy_trusted),
      web_(context, files) {}

loop::Task<bool> Entrance::admit(Session& session, net::Accepted origin) {
  const bool websocket = origin.websocket;
  if (origin.proxy) {
    const bool introduced = co_await read_proxy(session, std::move(origin));
    if (!introduced) co_return false;
  }
  const auto max_frame = static_cast<size_t>(settings_.max_frame);
  if (!websocket) {
    session.speak(session::line_framing(session.stream(), max_frame));
    co_return true;
  }
  const bool upgraded = co_await web_.receive(session);
  if (upgraded)
    session.speak(session::websocket_framing(session.stream(), max_frame));
  else
    co_await hang_up(context_.loop, session.stream());
  co_return upgraded;
}

// Whoever speaks for others must be trusted, and must say for whom, at once.
loop::Task<bool> Entrance::read_proxy(Session& session, net::Accepted origin) {
  const int64_t deadline = base::mono_ms() + settings_.proxy_timeout;
  const char* reason = "the peer is not in proxy_trusted";
  const auto* peer = reinterpret_cast<const sockaddr*>(&origin.peer);
  while (trusted_.contains(peer)) {
    const net::Proxy proxy = net::parse_proxy(session.stream().input());
    if (proxy.status == net::Proxy::Status::done) {
      session.stream().consume(proxy.consumed);
      const auto* client = reinterpret_cast<const sockaddr*>(&proxy.source);
      if (client->sa_family != AF_UNSPEC) session.came_from(conf::client_network(client));
      co_return true;
    }
    const int64_t left = deadline - base::mono_ms();
    reason = proxy.status == net::Proxy::Status::bad ? proxy.reason
             : session.stream().ended()              ? "the connection ended"
                                                     : "it did not come in time";
    if (proxy.status == net::Proxy::Status::bad || session.stream().ended() || left <= 0) break;
    co_await session.stream().arrived().wait(context_.loop, loop::Millis(left));
  }
  context_.slot.add(ipc::Counter::proxy_refused);
  // Somebody's wrong address is an operator's wrong configuration: said aloud, once a minute.
  const bool aloud = !trusted_.contains(peer) && untrusted_.worth_telling(reason, base::mono_ms());
  base::log(aloud ? base::Level::warn : base::Level::info, "session %lu from %s: no PROXY header: %s",
            session.id(), conf::print_address(peer, origin.peer_size).c_str(), reason);
  co_return false;
}

}  // namespace serve
