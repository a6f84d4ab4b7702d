// See event.h.
#include "worker/wire/event.h"

#include <array>

namespace wire {
namespace {

constexpr int protocol_version = 1;

// In the order of the enum.
constexpr std::array<std::string_view, 9> reasons = {
    "reload", "shutdown", "idle", "slow", "logged_out", "replaced", "too_large", "bad_frames", "auth_timeout",
};
static_assert(reasons.size() == static_cast<size_t>(Reason::auth_timeout) + 1);

}  // namespace

std::string hello_event(const Hello& hello) {
  std::string out;
  Writer(out)
      .object()
      .string("event", "hello")
      .string("server", hello.server)
      .integer("protocol", protocol_version)
      .string("node", hello.node)
      .integer("max_frame", hello.max_frame)
      .integer("ping_interval", hello.ping_interval)
      .end_object();
  return out;
}

void write_message(Writer& out, const Message& message) {
  out.string("from", message.from)
      .string("to", message.to)
      .integer("seq", message.seq)
      .integer("ts", message.ts)
      .string("text", message.text);
  if (!message.cid.empty()) out.string("cid", message.cid);
}

std::string message_event(const Message& message) {
  constexpr size_t around = 192;  // names, numbers and keys
  std::string out;
  out.reserve(message.text.size() + message.cid.size() + around);
  Writer writer(out);
  writer.object().string("event", "message");
  write_message(writer, message);
  writer.end_object();
  return out;
}

std::string synced_event() {
  return "{\"event\":\"synced\"}";
}

std::string read_event(std::string_view conv, std::string_view by, int64_t seq) {
  std::string out;
  Writer(out)
      .object()
      .string("event", "read")
      .string("conv", conv)
      .string("by", by)
      .integer("seq", seq)
      .end_object();
  return out;
}

std::string typing_event(std::string_view conv, std::string_view by) {
  std::string out;
  Writer(out).object().string("event", "typing").string("conv", conv).string("by", by).end_object();
  return out;
}

std::string presence_event(std::string_view name, bool online, std::optional<int64_t> last_seen) {
  std::string out;
  Writer writer(out);
  writer.object().string("event", "presence").string("name", name).boolean("online", online);
  if (last_seen)
    writer.integer("last_seen", *last_seen);
  else
    writer.null("last_seen");
  writer.end_object();
  return out;
}

std::string group_event(const GroupEvent& event) {
  std::string out;
  Writer writer(out);
  writer.object().string("event", "group").string("group", event.group);
  writer.string("by", event.by).string("change", event.change);
  if (!event.name.empty()) writer.string("name", event.name);
  if (!event.role.empty()) writer.string("role", event.role);
  if (event.topic) writer.string("topic", *event.topic);
  if (event.open) writer.boolean("open", *event.open);
  writer.end_object();
  return out;
}

std::string_view name(Reason reason) {
  return reasons[static_cast<size_t>(reason)];
}

std::string closing_event(Reason reason, std::optional<int64_t> reconnect_ms) {
  std::string out;
  Writer writer(out);
  writer.object().string("event", "closing").string("reason", name(reason));
  if (reconnect_ms) writer.integer("reconnect_ms", *reconnect_ms);
  writer.end_object();
  return out;
}

}  // namespace wire
