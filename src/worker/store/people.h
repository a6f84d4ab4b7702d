// People, as others see them: contacts, names, when they were last seen. Who is on-line is not written down
// anywhere; see bus/presence. Owned by the worker.
#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/conf/settings.h"
#include "common/loop/wait.h"
#include "worker/store/database.h"

namespace store {

struct Person {
  int64_t user = 0;  // 0: nobody of that name
  std::string name{};
  std::string display{};
  std::optional<int64_t> left{};  // when the last session ended; Unix ms
  std::optional<int64_t> came{};  // when the last session began

  // `last_seen`, as others are told. Whose worker was killed has come and not left, as far as anybody knows.
  std::optional<int64_t> last_seen(bool online) const { return online ? left : std::max(left, came); }
};

class People {
 public:
  People(loop::Loop& loop, Database& database, const conf::Settings& settings);

  // In the order asked, unknown ones with id 0.
  loop::Task<base::Result<std::vector<Person>>> find(std::vector<std::string> names);
  // Those of these that there are.
  loop::Task<base::Result<std::vector<Person>>> by_id(std::vector<int64_t> users);

  loop::Task<base::Result<std::vector<Person>>> contacts(int64_t user);
  // A user and a contact of it that has it as one too.
  using Pair = std::pair<int64_t, int64_t>;
  loop::Task<base::Result<std::vector<Pair>>> mutual_contacts(std::vector<int64_t> users);
  // no_such_user, blocked, too_many; ok if it was one already. Gives the other one's id.
  loop::Task<base::Result<int64_t>> add_contact(int64_t user, std::string name);
  // no_such_user; ok if it was none.
  loop::Task<base::Result<int64_t>> remove_contact(int64_t user, std::string name);

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
