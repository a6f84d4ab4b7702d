// Users: who the load logs in as: names with their tokens, from a file that an earlier run left, or newly
// registered (enrol.h). A token is a password's equal: the file is written for its owner alone.
#pragma once

#include <string>
#include <vector>

#include "common/base/error.h"

namespace bench {

struct User {
  std::string name;
  std::string token;  // empty: not logged in yet
};

// Of a password's worth: every user of the load has it.
constexpr const char* user_password = "chatbench, chatbench";

using Users = std::vector<User>;

// Lines "NAME TOKEN"; a missing file is an empty one.
base::Result<Users> load_users(const std::string& path);
base::Result<void> save_users(const std::string& path, const Users& users);

}  // namespace bench
