// Groups in the store: to make, join, leave, ask. What a non-member may know is decided here: a closed group
// does not exist for it.
//
// A change of membership locks the conversation's row, so that it has its place among the messages, and
// raises the epoch. Owned by the worker.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/conf/settings.h"
#include "worker/store/cache.h"
#include "worker/store/database.h"

namespace store {

enum class Role : int16_t { member = 0, admin = 1, owner = 2 };
std::string_view name(Role role);

// Names are without their mark throughout.
struct GroupInfo {
  int64_t conv = 0;
  std::string name{};
  std::string topic{};
  std::string owner{};
  bool open = true;
  int64_t members = 0;
  std::optional<Role> role{};  // the asker's; none: not a member
};

struct GroupMember {
  int64_t user = 0;
  std::string name{};
  Role role = Role::member;
};

// A change of membership that has been committed.
struct Membership {
  int64_t conv = 0;
  int64_t epoch = 0;
  int64_t user = 0;
  int64_t seq = 0;  // the newest message then: a new member receives what comes after
  bool joined = true;
  bool changed = true;  // false: it had been so before
};

class Groups {
 public:
  Groups(Database& database, const conf::Settings& settings);

  // name_taken if there is, or ever was, one of that name; too_many.
  loop::Task<base::Result<Membership>> create(std::string name, int64_t owner, std::string topic, bool open);
  // no_such_group, group_full, too_many.
  loop::Task<base::Result<Membership>> join(std::string name, int64_t user);
  // no_such_group, not_member, forbidden.
  loop::Task<base::Result<Membership>> leave(std::string name, int64_t user);

  // no_such_group where the asker may not know of it.
  loop::Task<base::Result<GroupInfo>> info(std::string name, int64_t asker);
  // The same, and not_member.
  loop::Task<base::Result<GroupInfo>> info_for_member(std::string name, int64_t asker);
  // By name, above `after`.
  loop::Task<base::Result<std::vector<GroupMember>>> members(int64_t conv, std::string after, int64_t limit);
  loop::Task<base::Result<std::vector<GroupInfo>>> of(int64_t user);

  // The conversation, whoever asks and even if the group is gone: who may send is asked where it is stored.
  loop::Task<base::Result<int64_t>> conversation(std::string name);

 private:
  Database& db_;
  const conf::Settings& settings_;
  Cache<std::string, int64_t> ids_;
};

}  // namespace store
