// Replies: the one place that turns success, or a base::Error, into the bytes of a reply. Without the
// line's end, which is the stream's business.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "common/base/error.h"
#include "worker/wire/writer.h"

namespace wire {

namespace detail {
// `{"id":ID,"ok":true` or false; the object stays open.
void begin_reply(Writer& out, std::string_view id, bool ok);
}  // namespace detail

// `{"id":7,"ok":true}`; `id` is Request::id(), JSON text, empty for none.
std::string ok_reply(std::string_view id);

// The same with fields of its own: ok_reply(id, [&](Writer& w) { w.integer("seq", seq); })
template <class Fields>
std::string ok_reply(std::string_view id, Fields&& fields) {
  std::string out;
  Writer writer(out);
  detail::begin_reply(writer, id, true);
  std::forward<Fields>(fields)(writer);
  writer.end_object();
  return out;
}

// What a refused ack, read or typing without an id says of itself, so that its sender knows it again.
struct About {
  std::string_view op{};
  std::string_view conv{};  // Request::conversation_hint()
};

// `{"id":7,"ok":false,"error":"bad_field","detail":"…","field":"to"}`. The detail is cut to a bound and
// escaped; bytes of the peer do no harm in it.
std::string error_reply(std::string_view id, const base::Error& error, const About& about = {});

}  // namespace wire
