// Registry: every session of this worker, by number and by user. It owns them.
//
// A session that is removed dies at the loop's top, when no coroutine of its own is on the stack.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "worker/session/session.h"

namespace session {

class Registry {
 public:
  explicit Registry(loop::Loop& loop) : loop_(loop) {}

  Session& add(std::unique_ptr<Session> session);
  // The session has logged in: user() finds it from now on.
  void logged_in(Session& session);
  void remove(Session& session);

  Session* find(uint64_t id) const;
  // Those of a user; empty if it has none here. Valid until the next logged_in() or remove().
  const std::vector<Session*>& user(int64_t user) const;
  bool has_user(int64_t user) const { return users_.contains(user); }
  size_t size() const { return sessions_.size(); }
  template <class What>
  void each_user(What&& what) const {
    for (const auto& [user, sessions] : users_) what(user);
  }

  // Calls what(session) for each; it may remove sessions.
  template <class What>
  void each(What&& what) {
    std::vector<Session*> all;
    all.reserve(sessions_.size());
    for (const auto& [id, session] : sessions_) all.push_back(session.get());
    for (Session* session : all) what(*session);
  }

 private:
  loop::Loop& loop_;
  std::unordered_map<uint64_t, std::unique_ptr<Session>> sessions_;
  std::unordered_map<int64_t, std::vector<Session*>> users_;
};

}  // namespace session
