// send and ack: into the batch, and out of the backlog. Neither waits for a commit: see answer() below.
#include "worker/handler/families.h"
#include "worker/secret/secret.h"

namespace handler {
namespace {

constexpr size_t longest_cid = 64;  // bytes; the wire's
constexpr loop::Millis barrier_check(1000);

std::string key_of(const std::string& cid) {
  const secret::Key16 key = cid.empty() ? secret::random_key() : secret::cid_key(cid);
  return std::string(key.begin(), key.end());
}

base::Error no_such_group(const std::string& name) {
  base::Error error;
  error.code = base::Code::no_such_group;
  error.detail = "no group #" + name;
  return error;
}

// Only the reply is the session's: the message is the batch's, and is stored without it too.
loop::Task<void> answer(Call call, std::shared_ptr<store::PendingSend> pending) {
  auto sent = co_await store::Batch::Answer(pending);
  if (!sent) co_return call.fail(sent.error());
  call.reply([&](wire::Writer& w) {
    w.integer("seq", sent->seq).integer("ts", sent->ts);
    if (sent->duplicate) w.boolean("duplicate", true);
  });
}

loop::Task<base::Result<store::Direct>> resolve(Call& call, wire::Address address, bool make) {
  if (address.kind == '#') co_return no_such_group(address.name);
  Context& context = call.context();
  auto direct = co_await context.conversations.direct(call.me().user, address.name, make);
  co_return direct;
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
  auto direct = co_await resolve(call, *to, true);
  if (!direct) co_return call.fail(direct.error());

  store::Send message;
  message.conv = direct->conv;
  message.sender = call.me().user;
  message.peer = direct->peer;
  message.from = call.me().name;
  message.to = to->kind + to->name;
  message.text = std::move(*text);
  message.cid = cid->value_or("");
  message.key = key_of(message.cid);
  message.session = call.session().id();
  session::Session& session = call.session();
  auto pending = call.context().batch.add(std::move(message));
  session.scope().spawn(answer(std::move(call), std::move(pending)));
}

// What this worker has seen of the conversation mostly answers for the store.
loop::Task<void> ack(Call call) {
  auto address = call.request().address("conv");
  if (!address) co_return call.fail(address.error());
  auto seq = call.request().integer("seq", 0);
  if (!seq) co_return call.fail(seq.error());
  auto direct = co_await resolve(call, *address, false);
  if (!direct) co_return call.fail(direct.error());

  Context& context = call.context();
  session::Session& session = call.session();
  const int64_t known =
      std::max(context.router.known_head(direct->conv), session.backlog().floor(direct->conv));
  if (*seq > known) {
    while (session.replies().pending() > 1)  // one's own messages before it count
      co_await session.settled().wait(context.loop, barrier_check);
    auto head = co_await context.conversations.head(direct->conv);
    if (!head) co_return call.fail(head.error());
    if (*seq > *head) co_return call.fail(base::bad_field("seq", "above the newest message"));
  }
  if (*seq > 0) context.acks.note(call.me().user, direct->conv, *seq);
  call.accept();
}

}  // namespace handler
