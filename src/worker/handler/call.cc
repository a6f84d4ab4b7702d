// See call.h.
#include "worker/handler/call.h"

#include "common/base/log.h"
#include "common/base/text.h"
#include "worker/handler/table.h"

namespace handler {

void Call::fill(std::string frame) {
  session_->replies().fill(place_, std::move(frame));
  session_->settled().wake();
}

void Call::fail(const base::Error& error) {
  if (error.code == base::Code::internal)
    base::log(base::Level::error, "%s: %s: internal: %s", session_->label().c_str(),
              base::escaped(request_.op()).c_str(), base::escaped(error.detail).c_str());
  const Op* op = find_op(request_.op());
  const std::string conversation = request_.conversation_hint();
  wire::About about;
  if (op != nullptr && op->quiet && request_.id().empty()) {
    about.op = request_.op();
    about.conv = conversation;
  }
  fill(wire::error_reply(request_.id(), error, about));
}

}  // namespace handler
