// See frame.h.
#include "client/frame.h"

#include "common/base/text.h"

namespace client {

std::string Refusal::text() const {
  const std::string shown = base::escaped(code);
  return detail.empty() ? shown : shown + ": " + base::escaped(detail);
}

Reply read_reply(const Json& frame) {
  Reply reply;
  reply.body = &frame;
  reply.ok = frame.flag("ok");
  if (reply.ok) return reply;
  reply.refusal.code = frame.text("error").value_or("no_code");
  reply.refusal.detail = frame.text("detail").value_or("");
  reply.refusal.retry_ms = frame.number("retry_ms").value_or(0);
  return reply;
}

Reply lost_reply() {
  Reply reply;
  reply.refusal.code = "connection_lost";
  reply.refusal.detail = "it may or may not have happened";
  return reply;
}

std::optional<Message> read_message(const Json& frame) {
  auto from = frame.text("from"), to = frame.text("to"), text = frame.text("text");
  const auto seq = frame.number("seq"), ts = frame.number("ts");
  if (!from || !to || !text || !seq || !ts || *seq < 1 || to->empty()) return std::nullopt;
  Message message;
  message.from = std::move(*from);
  message.to = std::move(*to);
  message.seq = *seq;
  message.ts = *ts;
  message.text = std::move(*text);
  message.cid = frame.text("cid").value_or("");
  return message;
}

std::string conversation(const Message& message, std::string_view me) {
  if (message.to.starts_with('#') || message.from == me) return message.to;
  return "@" + message.from;
}

}  // namespace client
