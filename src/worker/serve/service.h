// Service: a connection's life, from accept to close. Owned by the worker.
//
// One coroutine a session: the PROXY header where there must be one, hello, requests one after the other,
// and an orderly end: what was asked is answered, what is queued is written, then the socket is closed. A
// sweep looks at every session's clocks, so that none needs a timer. It knows no op.
#pragma once

#include <functional>

#include "common/loop/slots.h"
#include "worker/handler/call.h"
#include "worker/handler/table.h"
#include "worker/serve/entrance.h"

namespace serve {

class Service {
 public:
  // files: what is served to browsers. on_closed: called once for each connection that begin() was given.
  Service(handler::Context& context, const files::Folder& files, std::function<void()> on_closed);

  void begin(net::Accepted accepted);
  // Asks every session to leave, told when to come back.
  void drain(wire::Reason reason);
  // Says goodbye at once to whoever is still there, requests in flight or not.
  void dismiss(wire::Reason reason);

 private:
  loop::Task<void> serve(session::Session& session, net::Accepted origin);
  loop::Task<void> read_requests(session::Session& session);
  loop::Task<void> take_turn(session::Session& session);
  loop::Task<void> answer(session::Session& session, wire::Request request);
  base::Result<void> check(session::Session& session, const wire::Request& request, const handler::Op* op);
  loop::Task<void> leave(session::Session& session);
  void close(session::Session& session);
  void failed(uint64_t id, std::exception_ptr error);
  void sweep();
  void look_at(session::Session& session, int64_t now);

  handler::Context& context_;
  const conf::Settings& settings_;
  std::function<void()> on_closed_;
  Entrance entrance_;
  loop::Slots endings_;
  uint64_t last_id_ = 0;
  loop::Timer sweep_;
};

}  // namespace serve
