// Groups in the store, as they are asked for. What a non-member may know is decided here: a closed group does
// not exist for it. Owned by the worker.
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
Role role(std::string_view name);  // REQUIRES: it is one

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
  int64_t members = 0;  // after it
  int64_t seq = 0;      // the newest message then: a new member receives what comes after
  bool joined = true;
  bool changed = true;  // false: it had been so before

  static constexpr int64_t everybody = 0;  // as a user: the group is gone
};

class Groups {
 public:
  Groups(Database& database, const conf::Settings& settings);

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
  Cache<std::string, int64_t> ids_;
};

}  // namespace store
