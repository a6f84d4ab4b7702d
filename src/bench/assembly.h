// Assembly: scenarios in which clients talk in groups. The first client of the first process makes them all,
// everybody else joins once they are there; ready() waits for that.
#pragma once

#include <string>
#include <vector>

#include "bench/talk.h"

namespace bench {

class Assembly : public Talk {
 public:
  int64_t turn(int64_t now) override;
  bool ready() const override { return Talk::ready() && joined_ == wanted_; }

 protected:
  // There will be as many groups of the run, each with `members` members.
  Assembly(Context& context, Lane lane, size_t groups, size_t members);

  // `client` becomes a member. REQUIRES: the run's first client is put into every group.
  void put_into(Client& client, size_t group);
  void came(Client& client) override;
  void answered(Client& client, const Request& request, const Frame& frame) override;

 private:
  bool makes_them(const Client& client) const { return context_.index == 0 && client.index() == 0; }
  void ask(Client& client, std::string_view op, size_t group);
  void ask_all(Client& client);

  const size_t members_;
  std::vector<std::vector<size_t>> to_join_;  // by client: groups
  std::vector<size_t> outside_;               // logged in before the groups were there
  std::vector<size_t> refused_;               // while the store is away: they ask again
  int64_t ask_again_at_ = 0;
  size_t wanted_ = 0;  // memberships
  size_t joined_ = 0;
};

}  // namespace bench
