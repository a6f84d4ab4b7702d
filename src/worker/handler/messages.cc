// send, ack, read, typing: into the batch, out of the backlog, and to the others. None waits for a commit:
// see answer() below.
#include "worker/handler/families.h"
#include "worker/handler/limits.h"
#include "worker/handler/resolve.h"
#include "worker/secret/secret.h"
#include "worker/store/refusals.h"

namespace handler {
namespace {

constexpr size_t longest_cid = 64;  // bytes; the wire's
constexpr loop::Millis barrier_check(1000);

std::string key_of(const std::string& cid) {
  const secret::Key16 key = cid.empty() ? secret::random_key() : secret::cid_key(cid);
  return std::string(key.begin(), key.end());
}

void reply(Call& call, const store::Sent& sent) {
  call.reply([&](wire::Writer& w) {
    w.integer("seq", sent.seq).integer("ts", sent.ts);
    if (sent.duplicate) w.boolean("duplicate", true);
  });
}

// Not stored; whether the group exists at all for who asks is another question.
loop::Task<void> fail_not_allowed(Call call, std::string to, base::Error error) {
  if (error.code != base::Code::not_member) co_return call.fail(error);
  auto group = co_await call.context().groups.info_for_member(to.substr(1), call.me().user);
  call.fail(group ? error : group.error());
}

// Limits come last: what is stored already, and who may not send at all, is answered as ever.
loop::Task<void> refuse(Call call, store::Send send, base::Error limit) {
  if (send.conv == 0) co_return call.fail(limit);
  auto standing = co_await call.context().messages.standing(send.conv, send.sender, send.key);
  if (!standing) co_return call.fail(standing.error());
  if (standing->first.seq != 0) {
    standing->first.duplicate = true;
    co_return reply(call, standing->first);
  }
  if (standing->allowed) co_return call.fail(limit);
  co_await fail_not_allowed(std::move(call), send.to, store::not_allowed(send));
}

// Only the reply is the session's: the message is the batch's, and is stored without it too.
loop::Task<void> answer(Call call, std::shared_ptr<store::PendingSend> pending) {
  auto sent = co_await store::Batch::Answer(pending);
  if (sent || !sent.error().maybe) call.session().backlog().end_own(pending->send.conv, pending->send.key);
  if (!sent) co_return co_await fail_not_allowed(std::move(call), pending->send.to, sent.error());
  reply(call, *sent);
}

// What this worker has seen of the conversation mostly answers for the store.
loop::Task<void> mark(Call call, bool read) {
  auto address = call.request().address("conv");
  if (!address) co_return call.fail(address.error());
  auto seq = call.request().integer("seq", 0);
  if (!seq) co_return call.fail(seq.error());
  auto target = co_await find_to_read(call.context(), call.me().user, *address);
  if (!target) co_return call.fail(target.error());

  Context& context = call.context();
  session::Session& session = call.session();
  const int64_t known =
      std::max(context.router.known_head(target->conv), session.backlog().floor(target->conv));
  if (*seq > known) {
    while (session.replies().pending() > 1)  // one's own messages before it count
      co_await session.settled().wait(context.loop, barrier_check);
    auto head = co_await context.conversations.head(target->conv);
    if (!head) co_return call.fail(head.error());
    if (*seq > *head) co_return call.fail(base::bad_field("seq", "above the newest message"));
  }
  if (*seq > 0 && read)
    context.acks.note_read(call.me().user, target->conv, *seq, session.id());
  else if (*seq > 0)
    context.acks.note(call.me().user, target->conv, *seq);
  call.accept();
}

}  // namespace

// Returns when the message has its place in the batch: the next request may begin, the reply comes later.
loop::Task<void> send(Call call) {
  auto to = call.request().address("to");
  if (!to) co_return call.fail(to.error());
  auto text = call.request().text("text", static_cast<size_t>(call.context().settings.max_text));
  if (!text) co_return call.fail(text.error());
  auto cid = call.request().optional_string("cid", 1, longest_cid);
  if (!cid) co_return call.fail(cid.error());
  call.forget_fields();
  auto may = may_send(call.context(), call.me().user);
  auto target = co_await find_to_send(call.context(), call.me().user, *to, static_cast<bool>(may));
  if (!target) co_return call.fail(target.error());

  store::Send message;
  message.conv = target->conv;
  message.sender = call.me().user;
  message.peer = target->peer;
  message.from = call.me().name;
  message.to = to->kind + to->name;
  message.text = std::move(*text);
  message.cid = cid->value_or("");
  message.key = key_of(message.cid);
  message.session = call.session().id();
  if (!may) co_return co_await refuse(std::move(call), std::move(message), may.error());
  session::Session& session = call.session();
  session.backlog().begin_own(message.conv, message.key);
  auto pending = call.context().batch.add(std::move(message));
  session.scope().spawn(answer(std::move(call), std::move(pending)));
}

loop::Task<void> ack(Call call) {
  return mark(std::move(call), false);
}

loop::Task<void> read(Call call) {
  return mark(std::move(call), true);
}

loop::Task<void> typing(Call call) {
  auto to = call.request().address("to");
  if (!to) co_return call.fail(to.error());
  Context& context = call.context();
  auto place = co_await find_place(context, call.me().user, *to);
  if (!place) co_return call.fail(place.error());
  if (auto may = may_send(context, call.me().user); !may) co_return call.fail(may.error());
  context.notices.typing(actor(call), *place);
  call.accept();
}

}  // namespace handler
