// See refusals.h.
#include "worker/store/refusals.h"

namespace store {

base::Error no_such_user(const std::string& name) {
  return base::refusal(base::Code::no_such_user, "no user @" + name);
}

base::Error no_such_group(const std::string& name) {
  return base::refusal(base::Code::no_such_group, "no group #" + name);
}

base::Error not_member(const std::string& name) {
  return base::refusal(base::Code::not_member, "not a member of #" + name);
}

base::Error forbidden(std::string_view why) {
  return base::refusal(base::Code::forbidden, why);
}

base::Error blocked() {
  return base::refusal(base::Code::blocked, "one of you has blocked the other");
}

base::Error not_allowed(const Send& send) {
  return send.peer == 0 ? not_member(send.to.substr(1)) : blocked();
}

base::Error too_many(std::string_view why, std::string_view directive) {
  return base::refusal(base::Code::too_many, why, directive);
}

}  // namespace store
