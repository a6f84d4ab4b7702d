// Web: what happens on a listener for browsers before there are frames: requests for the page's files, one
// after the other, until one asks for a WebSocket. Owned by the service.
//
// A connection has as long as a login may take for all of it, and frame_timeout for a head.
#pragma once

#include "worker/handler/call.h"
#include "worker/web/answer.h"

namespace serve {

class Web {
 public:
  Web(handler::Context& context, const files::Folder& files)
      : context_(context), site_{files, context.settings.websocket_origins} {}

  // True once the connection speaks WebSocket; false: it has been answered, and is to be closed.
  loop::Task<bool> receive(session::Session& session);

 private:
  struct Asked {
    net::HttpRequest request{};
    int refusal = 0;    // the status that says why there is none
    bool over = false;  // the connection has ended, or has to
  };
  loop::Task<Asked> read_head(session::Session& session);
  loop::Task<void> write_body(session::Session& session, const web::Answer& answer);
  loop::Task<void> make_room(session::Session& session);

  handler::Context& context_;
  const web::Site site_;
};

}  // namespace serve
