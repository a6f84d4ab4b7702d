// history and conversations: reading back.
#include <charconv>

#include "worker/delivery/event.h"
#include "worker/handler/families.h"
#include "worker/handler/resolve.h"

namespace handler {
namespace {

// `next` of conversations: "ORDER CONV" of the last line. Opaque to clients, but what comes back is checked.
std::string print_place(const store::Overview& line) {
  return std::to_string(line.order) + " " + line.conv;
}

base::Result<store::OverviewPlace> place_of(const wire::Request& request) {
  store::OverviewPlace place;
  if (!request.has("after")) return place;
  auto text = request.string("after", 1, 64);
  if (!text) return text.error();
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, place.order);
  if (error != std::errc{} || stop == end || *stop != ' ')
    return base::bad_field("after", "is not a `next` of this list");
  place.conv.assign(stop + 1, end);
  return place;
}

void write_line(wire::Writer& w, const store::Overview& line) {
  w.object().string("conv", line.conv).integer("last_seq", line.last_seq);
  w.integer("recv_seq", line.recv_seq).integer("read_seq", line.read_seq);
  if (line.from.empty())
    w.null("last");
  else
    w.object("last").string("from", line.from).integer("ts", line.ts).string("text", line.text).end_object();
  w.end_object();
}

void write_page(wire::Writer& w, const store::Page& page) {
  w.array("messages");
  for (const store::Message& message : page.messages) {
    w.object();
    wire::write_message(w, delivery::to_wire(message));
    w.end_object();
  }
  w.end_array().boolean("more", page.more);
}

}  // namespace

loop::Task<void> history(Call call) {
  auto address = call.request().address("conv");
  if (!address) co_return call.fail(address.error());
  auto before = call.request().optional_integer("before", 0);
  if (!before) co_return call.fail(before.error());
  auto after = call.request().optional_integer("after", 0);
  if (!after) co_return call.fail(after.error());
  if (before->has_value() && after->has_value())
    co_return call.fail(base::bad_field("after", "not together with before"));
  auto limit = limit_of(call.request());
  if (!limit) co_return call.fail(limit.error());
  Context& context = call.context();
  auto target = co_await find_to_read(context, call.me().user, *address);
  if (!target) co_return call.fail(target.error());
  store::Page page;
  if (target->conv != 0) {
    auto read = co_await context.messages.history(target->conv, before->value_or(-1), after->value_or(-1),
                                                  *limit, context.settings.output_limit);
    if (!read) co_return call.fail(read.error());
    page = std::move(*read);
  }
  call.reply([&](wire::Writer& w) { write_page(w, page); });
}

// What this connection has acknowledged is written first, so that the list shows it.
loop::Task<void> conversations(Call call) {
  auto place = place_of(call.request());
  if (!place) co_return call.fail(place.error());
  auto limit = limit_of(call.request());
  if (!limit) co_return call.fail(limit.error());
  Context& context = call.context();
  call.session().acknowledge_written();
  auto flushed = co_await context.acks.flush();
  if (!flushed) co_return call.fail(flushed.error());
  auto lines = co_await context.conversations.list(call.me().user, *place, *limit + 1);
  if (!lines) co_return call.fail(lines.error());
  const bool more = static_cast<int64_t>(lines->size()) > *limit;
  if (more) lines->pop_back();
  call.reply([&](wire::Writer& w) {
    w.array("conversations");
    for (const store::Overview& line : *lines) write_line(w, line);
    w.end_array();
    if (more) w.string("next", print_place(lines->back()));
  });
}

}  // namespace handler
