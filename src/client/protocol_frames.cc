// What each frame means to a Protocol, and what it says itself: hello, login, sends, acks. See protocol.h.
#include <algorithm>

#include "client/protocol.h"
#include "common/base/clock.h"
#include "common/base/text.h"

namespace client {
namespace {

constexpr int64_t least_retry_ms = 100;

}  // namespace

void Protocol::take_frame(const Json& frame) {
  if (stage_ == Stage::greeting) return take_hello(frame);
  if (const auto name = frame.text("event")) return take_event(*name, frame);
  if (const auto id = frame.number("id")) return take_reply(*id, frame);
  const Reply reply = read_reply(frame);
  if (!reply.ok) listener_.complaint(reply.refusal);
}

void Protocol::take_hello(const Json& frame) {
  if (frame.text("event") == "closing") return take_closing(frame);
  if (frame.text("event") != "hello" || frame.number("protocol") != 1)
    return lose("the server does not speak this protocol", backoff_.next());
  // Well before the server begins to count silence.
  ping_ms_ = std::max<int64_t>(frame.number("ping_interval").value_or(60), 1) * 750;
  max_frame_ = static_cast<size_t>(std::max<int64_t>(frame.number("max_frame").value_or(65536), 1));
  stage_ = Stage::open;
  spoke_at_ = now_;
  listener_.greeted(frame);
  if (stage_ == Stage::open && !credentials_.empty()) post_login();
}

void Protocol::take_event(const std::string& name, const Json& frame) {
  if (name == "message") return take_message(frame);
  if (name == "closing") return take_closing(frame);
  if (name == "synced") return listener_.synced();
  listener_.event(name, frame);
}

void Protocol::take_message(const Json& frame) {
  const auto message = read_message(frame);
  if (!message || me_.empty()) return;
  const std::string conv = conversation(*message, me_);
  const bool fresh = seen_.event(conv, message->seq);
  // A send whose reply was lost with the former connection: here is the answer.
  if (message->from == me_ && !message->cid.empty())
    if (const auto mine = outbox_.take_cid(message->cid)) return listener_.stored(*mine, message->ts);
  if (fresh) listener_.message(*message, conv);
}

void Protocol::take_closing(const Json& frame) {
  const std::string reason = frame.text("reason").value_or("closing");
  const bool final = reason == "logged_out" || reason == "replaced";
  if (final) {
    credentials_ = {};
    drop_outbox(reason.c_str(), "it may not have been sent");
  }
  const int64_t wait = frame.number("reconnect_ms").value_or(-1);
  lose(reason, wait >= 0 ? wait : backoff_.next());
}

void Protocol::take_reply(int64_t id, const Json& frame) {
  auto node = pending_.extract(id);
  if (node.empty()) return;
  node.mapped().callback(read_reply(frame));
}

void Protocol::request(Json op, Callback callback) {
  if (!greeted()) return callback(lost_reply());
  post(std::move(op), std::move(callback));
}

int64_t Protocol::post(Json op, Callback callback) {
  const int64_t id = ++last_id_;
  const int64_t now = base::mono_ms();
  op.add_number("id", id);
  pending_.emplace(id, Pending{std::move(callback), now});
  spoke_at_ = now;
  if (!connection_.write_line(op.print())) take_reply(id, Json().add_text("error", "output_full"));
  return id;
}

void Protocol::post_login() {
  Json op = Json::request("login");
  if (!credentials_.token.empty())
    op.add_text("token", credentials_.token);
  else
    op.add_text("name", credentials_.name).add_text("password", credentials_.password);
  op.add_text("ack", "explicit");
  login_at_ = 0;
  stage_ = Stage::login;
  post(std::move(op), [this](const Reply& reply) { take_login(reply); });
}

void Protocol::take_login(const Reply& reply) {
  if (reply.body == nullptr) return;  // lost: the next connection logs in again
  stage_ = Stage::open;
  if (!reply.ok && reply.refusal.passing()) {
    login_at_ = now_ + std::max(reply.refusal.retry_ms, least_retry_ms);
    return listener_.delayed(reply.refusal);
  }
  if (!reply.ok) {
    credentials_ = {};
    return listener_.login_refused(reply.refusal);
  }
  Account account;
  account.name = reply.body->text("name").value_or("");
  if (!base::is_name(account.name)) account.name = credentials_.name;  // it is drawn, and names a file
  account.display = reply.body->text("display").value_or("");
  account.token = reply.body->text("token").value_or(credentials_.token);
  account.expires = reply.body->number("expires").value_or(0);
  if (account.name != me_) drop_outbox("not_logged_in", "it was written by another user");
  // A token that is still good belongs to the same messages; a password may be one of a server made anew.
  if (account.name != me_ || credentials_.token.empty()) seen_.clear();
  for (const auto& [conv, seq] : credentials_.seen) seen_.assume(conv, seq);
  me_ = account.name;
  credentials_ = {me_, "", account.token};
  seen_.restart();
  backoff_.reset();
  stage_ = Stage::ready;
  listener_.logged_in(account);
}

std::string Protocol::send(std::string to, std::string text) {
  Outgoing message;
  message.cid = cid_prefix_ + std::to_string(++last_cid_);
  message.to = std::move(to);
  message.text = std::move(text);
  message.since = base::mono_ms();
  return outbox_.add(std::move(message)).cid;
}

void Protocol::post_sends() {
  while (Outgoing* message = outbox_.next(now_)) {
    Json op = Json::request("send");
    op.add_text("to", message->to).add_text("text", message->text).add_text("cid", message->cid);
    const int64_t id = last_id_ + 1;
    message->request = id;
    if (op.print().size() + 32 > max_frame_) {  // room for the id
      const auto mine = outbox_.take_request(id);
      listener_.refused(*mine, Refusal{"text_too_long", "longer than the server takes", 0});
      continue;
    }
    post(std::move(op), [this, id](const Reply& reply) { take_send(id, reply); });
  }
}

void Protocol::take_send(int64_t id, const Reply& reply) {
  if (reply.body == nullptr) return;  // lost: the outbox keeps it
  if (!reply.ok && reply.refusal.passing()) {
    outbox_.postpone(id, now_ + std::max(reply.refusal.retry_ms, least_retry_ms));
    return listener_.delayed(reply.refusal);
  }
  const auto mine = outbox_.take_request(id);
  const auto seq = reply.ok ? reply.body->number("seq") : std::nullopt;
  if (seq && mine) seen_.reply(mine->to, *seq);
  if (!mine) return;  // its event came first
  if (reply.ok)
    listener_.stored(*mine, reply.body->number("ts").value_or(base::wall_ms()));
  else
    listener_.refused(*mine, reply.refusal);
}

void Protocol::post_acks() {
  for (const auto& [conv, seq] : seen_.take_due()) {
    Json op = Json::request("ack");
    op.add_text("conv", conv).add_number("seq", seq);
    if (!connection_.write_line(op.print())) return;
    spoke_at_ = now_;
  }
}

void Protocol::drop_outbox(const char* code, const char* detail) {
  while (!outbox_.empty()) {
    const auto mine = outbox_.take_cid(outbox_.waiting().front().cid);
    listener_.refused(*mine, Refusal{code, detail, 0});
  }
}

}  // namespace client
