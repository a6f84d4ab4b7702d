// Enrol: registers new users and logs each in once, by password, for its token: what takes long, because
// passwords are hashed slowly on purpose, is done before anything is measured.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "bench/client.h"
#include "bench/targets.h"
#include "bench/users.h"
#include "common/base/error.h"

namespace bench {

class Enrol : public Listener {
 public:
  Enrol(Poller& poller, const Targets& targets);

  // Adds users named PREFIX-NUMBER until there are `count`, telling how far it is on stderr.
  base::Result<void> fill(Users& users, size_t count, const std::string& prefix);

 private:
  struct Desk {
    std::unique_ptr<Client> client;
    size_t user = 0;
    int64_t again_us = 0;  // when to begin (again); never_us: at work
  };

  void begin(Desk& desk);
  void next(Desk& desk);
  void again(Desk& desk, int64_t wait_ms);

  void on_greeted(Client& client) override;
  void on_ready(Client& client) override;
  void on_reply(Client& client, const Request& request, const Frame& frame) override;
  void on_message(Client&, const Frame&, bool) override {}
  void on_lost(Client& client, const std::string& why) override;
  void on_nonsense(Client& client, std::string_view line) override;

  Poller& poller_;
  const Targets& targets_;
  Users* users_ = nullptr;
  std::vector<Desk> desks_;
  size_t next_ = 0;  // the next user that no desk has
  size_t done_ = 0;
  std::string failure_;
  int lost_in_a_row_ = 0;
};

}  // namespace bench
