// People, as others see them: contacts, names, when they were last seen. Who is on-line is not written down
// anywhere; see bus/presence. Owned by the worker.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/conf/settings.h"
#include "common/loop/wait.h"
#include "worker/store/database.h"

namespace store {

struct Person {
  int64_t user = 0;  // 0: nobody of that name
  std::string name{};
  std::string display{};
  std::optional<int64_t> last_seen{};  // Unix ms
};

class People {
 public:
  People(loop::Loop& loop, Database& database, const conf::Settings& settings);

  // In the order asked, unknown ones with id 0.
  loop::Task<base::Result<std::vector<Person>>> find(std::vector<std::string> names);

  loop::Task<base::Result<std::vector<Person>>> contacts(int64_t user);
  // no_such_user, too_many; ok if it was one already.
  loop::Task<base::Result<void>> add_contact(int64_t user, std::string name);
  // no_such_user; ok if it was none.
  loop::Task<base::Result<void>> remove_contact(int64_t user, std::string name);

  // The user's last session here has ended. Written soon by run(), many at once.
  void left(int64_t user);
  loop::Task<void> run();
  loop::Task<void> flush();

 private:
  loop::Loop& loop_;
  Database& db_;
  const conf::Settings& settings_;
  std::set<int64_t> left_;  // no more than the sessions that ended since the last write
  loop::Signal someone_left_;
};

}  // namespace store
