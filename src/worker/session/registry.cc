// See registry.h.
#include "worker/session/registry.h"

#include <algorithm>

namespace session {

Session& Registry::add(std::unique_ptr<Session> session) {
  Session& added = *session;
  sessions_.emplace(added.id(), std::move(session));
  return added;
}

void Registry::logged_in(Session& session) {
  users_[session.identity()->user].push_back(&session);
}

void Registry::remove(Session& session) {
  const auto found = sessions_.find(session.id());
  if (found == sessions_.end()) return;
  if (session.identity()) {
    const auto user = users_.find(session.identity()->user);
    if (user != users_.end()) {
      std::erase(user->second, &session);
      if (user->second.empty()) users_.erase(user);
    }
  }
  loop_.bury(std::move(found->second));
  sessions_.erase(found);
}

Session* Registry::find(uint64_t id) const {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : found->second.get();
}

const std::vector<Session*>& Registry::user(int64_t user) const {
  static const std::vector<Session*> none;
  const auto found = users_.find(user);
  return found == users_.end() ? none : found->second;
}

}  // namespace session
