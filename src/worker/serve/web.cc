// See web.h.
#include "worker/serve/web.h"

#include <algorithm>
#include <ctime>

#include "common/base/clock.h"
#include "common/loop/wait.h"

namespace serve {
namespace {

using session::Session;

constexpr size_t piece = 32 * 1024;  // of a file, copied into the output at a time

bool is_over(Session& session) {
  return session.stream().broken() || session.farewell() || session.leaving();
}

// Who leaves in good order still gets the answer that was begun: its length has been told.
bool is_cut(Session& session) {
  const auto farewell = session.farewell();
  const bool in_order =
      !farewell || farewell->reason == wire::Reason::reload || farewell->reason == wire::Reason::shutdown;
  return session.stream().broken() || session.leaving() || !in_order;
}

}  // namespace

loop::Task<bool> Web::receive(Session& session) {
  for (;;) {
    Asked asked = co_await read_head(session);
    if (asked.over) co_return false;
    const int64_t now = std::time(nullptr);
    const web::Answer answer = asked.refusal != 0 ? web::refusal(asked.refusal, now)
                                                  : web::answer(asked.request, site_, context_.draining, now);
    session.stream().write(answer.head);
    co_await write_body(session, answer);
    co_await make_room(session);
    if (answer.websocket) co_return true;
    if (!answer.keep_alive || is_over(session)) co_return false;
  }
}

loop::Task<Web::Asked> Web::read_head(Session& session) {
  Asked asked;
  net::HttpHead head;
  net::Stream& stream = session.stream();
  const int64_t deadline = base::mono_ms() + context_.settings.frame_timeout;
  bool begun = false;
  for (;;) {
    const auto found = head.feed(stream.input());
    begun |= !stream.input().empty();
    stream.consume(found.consumed);
    if (found.status == net::HttpHead::Status::done) {
      asked.request = head.request();
      co_return asked;
    }
    if (found.status == net::HttpHead::Status::too_long) asked.refusal = 431;
    if (found.status == net::HttpHead::Status::bad) asked.refusal = 400;
    if (asked.refusal != 0) co_return asked;
    const int64_t left = deadline - base::mono_ms();
    asked.over = stream.ended() || is_over(session) || (left <= 0 && !begun);
    if (asked.over) co_return asked;
    if (left <= 0) {
      asked.refusal = 408;
      co_return asked;
    }
    co_await stream.arrived().wait(context_.loop, loop::Millis(left));
  }
}

// Piece by piece.
loop::Task<void> Web::write_body(Session& session, const web::Answer& answer) {
  std::string_view body = answer.body;
  while (!body.empty() && !is_cut(session)) {
    session.stream().write(body.substr(0, piece));
    body.remove_prefix(std::min(piece, body.size()));
    if (!body.empty()) co_await make_room(session);
  }
}

// Who asks and does not read is asked to wait: answers would pile up.
loop::Task<void> Web::make_room(Session& session) {
  while (session.stream().queued() > piece && !is_cut(session))
    co_await session.stream().drained().wait(context_.loop, loop::look_again);
}

}  // namespace serve
