// See service.h.
#include "worker/serve/service.h"

#include <exception>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/loop/wait.h"
#include "worker/secret/secret.h"
#include "worker/serve/ending.h"

namespace serve {
namespace {

using session::Session;
using Found = session::Framing::Status;

constexpr loop::Millis sweep_every(250);  // how late a timeout may be
constexpr int bad_frames_limit = 10;      // the wire's
constexpr int silent_pings = 3;           // the wire's
constexpr int frames_a_turn = 100;        // then others have their turn
constexpr int64_t endings_a_turn = 32;    // at some 30 us each, the kernel's: a millisecond

}  // namespace

Service::Service(handler::Context& context, const files::Folder& files, std::function<void()> on_closed)
    : context_(context),
      settings_(context.settings),
      on_closed_(std::move(on_closed)),
      entrance_(context, files),
      endings_(endings_a_turn),
      sweep_(
          context.loop, [](void* self) { static_cast<Service*>(self)->sweep(); }, this) {
  sweep_.start(sweep_every);
}

void Service::begin(net::Accepted accepted) {
  const uint64_t id = ++last_id_;
  auto made = std::make_unique<Session>(
      context_.loop, settings_, id, std::move(accepted.fd),
      [this, id](std::exception_ptr error) { failed(id, error); },
      [this](int64_t user, int64_t conv, int64_t seq) { context_.acks.note(user, conv, seq); });
  Session& session = context_.registry.add(std::move(made));
  session.came_from(conf::client_network(reinterpret_cast<const sockaddr*>(&accepted.peer)));
  session.scope().spawn(serve(session, std::move(accepted)));
}

loop::Task<void> Service::serve(Session& session, net::Accepted origin) {
  const bool welcome = co_await entrance_.admit(session, std::move(origin));
  if (welcome) {
    wire::Hello hello;
    hello.server = "chatd/" CHATD_VERSION;
    hello.node = settings_.node;
    hello.max_frame = settings_.max_frame;
    hello.ping_interval = settings_.ping_interval / 1000;
    session.write(wire::hello_event(hello));
    co_await read_requests(session);
    co_await leave(session);
  }
  // Held over a turn: where thousands are cut off at once, others are served between their endings.
  const auto place = co_await endings_.take(context_.loop);
  co_await loop::sleep(context_.loop, loop::Millis(0));
  close(session);
}

loop::Task<void> Service::read_requests(Session& session) {
  int bad_frames = 0;
  int frames = 0;
  while (!session.leaving() && !session.farewell()) {
    co_await take_turn(session);
    const auto found = session.next_frame();
    if (found.status == Found::ended) co_return;
    if (found.status == Found::too_large) {
      session.replies().fill(
          session.replies().open(),
          wire::error_reply({}, base::refusal(base::Code::too_large, "a frame is longer than max_frame")));
      session.ask_to_leave(wire::Reason::too_large, std::nullopt);
    } else if (found.status == Found::more) {
      if (session.stream().ended()) co_return;
      frames = 0;
      co_await session.stream().arrived().wait(context_.loop, loop::look_again * 60);
    } else {
      std::string id;
      auto request = wire::parse(found.frame, id);
      context_.slot.add(ipc::Counter::requests);
      if (request) {
        bad_frames = 0;
        co_await answer(session, std::move(*request));
      } else {
        session.replies().fill(session.replies().open(), wire::error_reply(id, request.error()));
        if (++bad_frames == bad_frames_limit) session.ask_to_leave(wire::Reason::bad_frames, std::nullopt);
      }
      if (++frames % frames_a_turn == 0) co_await loop::sleep(context_.loop, loop::Millis(0));
    }
  }
}

// Not before the peer has taken most of what it has asked for, nor with too many questions open.
loop::Task<void> Service::take_turn(Session& session) {
  while (!session.leaving() && static_cast<int64_t>(session.replies().pending()) >= settings_.max_pipeline)
    co_await session.settled().wait(context_.loop, loop::look_again);
  if (!session.clogged()) co_return;
  session.stream().pause(true);
  while (!session.leaving() && !session.farewell() && !session.stream().broken() && !session.has_room())
    co_await session.stream().drained().wait(context_.loop, loop::look_again);
  session.times.clogged = 0;  // it has drained, and will be filled again before the sweep can see it
  session.stream().pause(false);
}

// In the protocol's order: the op, the id, the login, and then the fields, which are the handler's.
base::Result<void> Service::check(Session& session, const wire::Request& request, const handler::Op* op) {
  if (op == nullptr) return base::refusal(base::Code::unknown_op, "no op of that name");
  if (auto id = request.check_id(); !id) return id.error();
  if (op->access == handler::Access::user && !session.identity())
    return base::refusal(base::Code::not_logged_in, "log in first");
  if (op->access == handler::Access::guest && session.identity())
    return base::refusal(base::Code::already_logged_in, "this connection has logged in");
  return request.check_duplicates();
}

loop::Task<void> Service::answer(Session& session, wire::Request request) {
  const handler::Op* op = handler::find_op(request.op());
  auto checked = check(session, request, op);
  handler::Call call(context_, session, std::move(request), session.replies().open());
  if (!checked) {
    call.fail(checked.error());
    co_return;
  }
  while (op->barrier && session.replies().pending() > 1)
    co_await session.settled().wait(context_.loop, loop::look_again);
  co_await op->run(std::move(call));
}

// Answers, writes, tells the peer that this is the end, and gives it a moment to read.
loop::Task<void> Service::leave(Session& session) {
  net::Stream& stream = session.stream();
  const int64_t answered_by = base::mono_ms() + settings_.postgres_timeout + flush_ms;
  // A peer that has only closed its own side still gets what a login owes it.
  while ((session.replies().pending() > 0 ||
          (session.backlog().behind() && !session.farewell() && !session.deaf())) &&
         !stream.broken() && !session.leaving() && base::mono_ms() < answered_by)
    co_await session.settled().wait(context_.loop, loop::look_again);
  if (session.farewell()) session.say_goodbye(session.farewell()->reason, session.farewell()->reconnect_ms);
  session.end_frames();
  co_await hang_up(context_.loop, session.stream());
}

void Service::close(Session& session) {
  session.acknowledge_written();
  const auto identity = session.identity();
  if (identity)
    base::log(base::Level::info, "%s: ended: %s", session.label().c_str(),
              session.goodbye() ? std::string(wire::name(*session.goodbye())).c_str() : "the peer has gone");
  context_.registry.remove(session);
  if (identity) {
    context_.devices.left(*identity, session.id());
    context_.bus.release(identity->user);
    if (!context_.registry.has_user(identity->user)) {
      context_.rooms.user_left(identity->user);
      context_.router.user_left(identity->user);
      context_.people.left(identity->user);
      context_.contact_watch.left(identity->user);
    }
  }
  on_closed_();
}

void Service::failed(uint64_t id, std::exception_ptr error) {
  std::string what = "an unknown exception";
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    what = base::escaped(e.what());
  } catch (...) {  // nothing more is known
  }
  Session* session = context_.registry.find(id);
  const std::string who = session != nullptr ? session->label() : "session " + std::to_string(id);
  base::log(base::Level::alert, "%s: a bug: %s", who.c_str(), what.c_str());
  if (session != nullptr) close(*session);
}

void Service::drain(wire::Reason reason) {
  const auto spread = static_cast<uint32_t>(settings_.reconnect_spread) + 1;
  context_.registry.each([&](Session& session) { session.ask_to_leave(reason, secret::uniform(spread)); });
}

void Service::dismiss(wire::Reason reason) {
  const auto spread = static_cast<uint32_t>(settings_.reconnect_spread) + 1;
  context_.registry.each([&](Session& session) { session.say_goodbye(reason, secret::uniform(spread)); });
}

void Service::sweep() {
  const int64_t now = base::mono_ms();
  context_.registry.each([&](Session& session) { look_at(session, now); });
  sweep_.start(sweep_every);
}

void Service::look_at(Session& session, int64_t now) {
  session.acknowledge_written();
  auto& times = session.times;
  if (session.has_room()) {
    times.clogged = 0;
  } else {
    if (times.clogged == 0 && session.clogged()) times.clogged = now;
    times.heard = now;  // it is not read, so it can't be heard
    if (times.frame_begun != 0) times.frame_begun = now;
  }
  if (times.clogged != 0 && now - times.clogged > settings_.slow_timeout)
    session.ask_to_leave(wire::Reason::slow, std::nullopt);
  else if (!session.identity() && now - times.accepted > settings_.login_timeout)
    session.ask_to_leave(wire::Reason::auth_timeout, std::nullopt);
  else if (now - times.heard > silent_pings * settings_.ping_interval)
    session.ask_to_leave(wire::Reason::idle, std::nullopt);
  else if (times.frame_begun != 0 && now - times.frame_begun > settings_.frame_timeout)
    session.ask_to_leave(wire::Reason::idle, std::nullopt);
}

}  // namespace serve
