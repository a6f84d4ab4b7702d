// Changes of groups in the store: to make, join, leave; to invite, kick, promote; to set and delete.
//
// Each locks the conversation's row, so that it has its place among the messages, and says why it did
// nothing. A change of membership raises the epoch, and is on record for who was not told of it. What a
// non-member may know is decided here too: a closed group does not exist for it. Checks come in the wire's
// order: existence, duplicate, rights, limits. Owned by the worker.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "common/conf/settings.h"
#include "worker/store/groups.h"

namespace store {

// A change that leaves everybody where they are.
struct GroupChange {
  int64_t conv = 0;
  bool changed = true;  // false: it had been so before
};

class GroupChanges {
 public:
  // on_doubt: the store did not answer; what was asked for may be, or become, committed.
  GroupChanges(Database& database, const conf::Settings& settings, std::function<void()> on_doubt)
      : db_(database), settings_(settings), on_doubt_(std::move(on_doubt)) {}

  // name_taken if there is, or ever was, one of that name; too_many.
  loop::Task<base::Result<Membership>> create(std::string name, int64_t owner, std::string topic, bool open);
  // no_such_group, group_full, too_many.
  loop::Task<base::Result<Membership>> join(std::string name, int64_t user);
  // no_such_group, not_member, forbidden.
  loop::Task<base::Result<Membership>> leave(std::string name, int64_t user);

  // `by` invites or kicks `who`: no_such_group, no_such_user, not_member, forbidden; an invitation too:
  // blocked, group_full, too_many.
  loop::Task<base::Result<Membership>> invite(std::string name, int64_t by, std::string who);
  loop::Task<base::Result<Membership>> kick(std::string name, int64_t by, std::string who);
  // The owner alone; a new owner makes an admin of the former one. As kick.
  loop::Task<base::Result<GroupChange>> set_role(std::string name, int64_t by, std::string who, Role role);
  // What is given. no_such_group, not_member, forbidden.
  loop::Task<base::Result<GroupChange>> set(std::string name, int64_t by, std::optional<std::string> topic,
                                            std::optional<bool> open);
  // Everybody's membership ends (Membership::everybody); the name stays taken, and the messages stay for who
  // sends one of them again. no_such_group, not_member, forbidden.
  loop::Task<base::Result<Membership>> remove(std::string name, int64_t by);

 private:
  // Under the lock of the group, or of a name that is none yet: one row, or none if there is no such group.
  loop::Task<base::Result<pg::Rows>> locked(const pg::Statement& lock, std::string name,
                                            const pg::Statement& change, pg::Params params);

  Database& db_;
  const conf::Settings& settings_;
  std::function<void()> on_doubt_;
};

}  // namespace store
