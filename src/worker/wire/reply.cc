// See reply.h.
#include "worker/wire/reply.h"

#include "common/base/text.h"

namespace wire {
namespace {

constexpr size_t longest_detail = 512;

bool names_limit(base::Code code) {
  return code == base::Code::group_full || code == base::Code::too_many;
}

bool may_retry(base::Code code) {
  return code == base::Code::rate_limited || code == base::Code::busy || code == base::Code::unavailable;
}

}  // namespace

void detail::begin_reply(Writer& out, std::string_view id, bool ok) {
  out.object();
  if (!id.empty()) out.raw("id", id);
  out.boolean("ok", ok);
}

std::string ok_reply(std::string_view id) {
  return ok_reply(id, [](Writer&) {});
}

std::string error_reply(std::string_view id, const base::Error& error, const About& about) {
  std::string out;
  Writer writer(out);
  detail::begin_reply(writer, id, false);
  writer.string("error", base::name(error.code));
  writer.string("detail", base::escaped(std::string_view(error.detail).substr(0, longest_detail)));
  if (error.code == base::Code::bad_field) writer.string("field", error.subject);
  if (names_limit(error.code)) writer.string("limit", error.subject);
  if (may_retry(error.code)) writer.integer("retry_ms", error.retry_ms);
  if (error.maybe) writer.boolean("maybe", true);
  if (!about.op.empty()) writer.string("op", about.op);
  if (!about.conv.empty()) writer.string("conv", about.conv);
  writer.end_object();
  return out;
}

}  // namespace wire
