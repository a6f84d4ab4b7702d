// See users.h.
#include "bench/users.h"

#include <fcntl.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>

#include "common/base/text.h"

namespace bench {
namespace {

struct Close {
  void operator()(FILE* file) const { fclose(file); }
};

base::Error wrong(const std::string& path, const std::string& why) {
  return base::unavailable(path + ": " + why);
}

}  // namespace

base::Result<Users> load_users(const std::string& path) {
  Users users;
  std::ifstream file(path);
  if (!file && errno == ENOENT) return users;
  if (!file) return wrong(path, strerror(errno));
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    User user;
    std::string rest;
    if (!(words >> user.name >> user.token) || words >> rest || !base::is_name(user.name))
      return wrong(path, "line " + std::to_string(users.size() + 1) + ": expected NAME TOKEN");
    users.push_back(std::move(user));
  }
  return users;
}

base::Result<void> save_users(const std::string& path, const Users& users) {
  const std::string fresh = path + ".new";
  const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const std::unique_ptr<FILE, Close> file(fd < 0 ? nullptr : fdopen(fd, "w"));
  if (!file) return wrong(fresh, strerror(errno));
  for (const User& user : users) fprintf(file.get(), "%s %s\n", user.name.c_str(), user.token.c_str());
  if (fflush(file.get()) != 0 || rename(fresh.c_str(), path.c_str()) != 0)
    return wrong(path, strerror(errno));
  return base::ok();
}

}  // namespace bench
