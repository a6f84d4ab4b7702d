// Call: one request on its way through its handler, and what a handler may use.
//
// A handler is a coroutine that takes its Call and answers it once: reply(), accept() or fail(). The reply
// keeps its place in the order of the connection, whenever it comes. A handler never writes to the stream.
#pragma once

#include <string>

#include "common/conf/settings.h"
#include "common/ipc/shared.h"
#include "common/loop/slots.h"
#include "worker/bus/bus.h"
#include "worker/bus/presence.h"
#include "worker/delivery/contact_watch.h"
#include "worker/delivery/devices.h"
#include "worker/delivery/notices.h"
#include "worker/delivery/outbox.h"
#include "worker/delivery/resync.h"
#include "worker/delivery/router.h"
#include "worker/secret/hasher.h"
#include "worker/session/registry.h"
#include "worker/store/acks.h"
#include "worker/store/batch.h"
#include "worker/store/blocks.h"
#include "worker/store/conversations.h"
#include "worker/store/group_changes.h"
#include "worker/store/groups.h"
#include "worker/store/people.h"
#include "worker/store/users.h"
#include "worker/wire/reply.h"
#include "worker/wire/request.h"

namespace handler {

// What the worker has built; it outlives every handler.
struct Context {
  loop::Loop& loop;
  const conf::Settings& settings;
  session::Registry& registry;
  store::Users& users;
  store::Conversations& conversations;
  store::Messages& messages;
  store::Groups& groups;
  store::GroupChanges& group_changes;
  store::People& people;
  store::Blocks& blocks;
  store::Acks& acks;
  store::Batch& batch;
  bus::Bus& bus;
  bus::Presence& presence;
  delivery::Rooms& rooms;
  delivery::Notices& notices;
  delivery::ContactWatch& contact_watch;
  delivery::Devices& devices;
  delivery::Outbox& outbox;
  delivery::Router& router;
  delivery::Resync& resync;
  secret::Hasher& hasher;
  loop::Slots& logins;  // login_concurrency of them
  ipc::Slot& slot;
  ipc::RateTable& rates;
  bool draining = false;
};

class Call {
 public:
  Call(Context& context, session::Session& session, wire::Request request, session::Replies::Place place)
      : context_(&context), session_(&session), request_(std::move(request)), place_(place) {}

  Context& context() const { return *context_; }
  session::Session& session() const { return *session_; }
  const wire::Request& request() const { return request_; }
  // Before a long wait.
  void forget_fields() { request_.forget_fields(); }
  // REQUIRES: the op's access is `user`.
  const session::Identity& me() const { return *session_->identity(); }

  // `ok`, with fields: call.reply([&](wire::Writer& w) { w.integer("seq", seq); })
  template <class Fields>
  void reply(Fields&& fields) {
    fill(wire::ok_reply(request_.id(), std::forward<Fields>(fields)));
  }
  void reply() { fill(wire::ok_reply(request_.id())); }
  // For ack, read and typing: `ok` if there is an id to answer to, else silence.
  void accept() { fill(request_.id().empty() ? std::string() : wire::ok_reply(request_.id())); }
  void fail(const base::Error& error);

 private:
  void fill(std::string frame);

  Context* context_;
  session::Session* session_;
  wire::Request request_;
  session::Replies::Place place_;
};

}  // namespace handler
