// The scenario of logins: connect, log in, leave, again and again, by token or by password; as fast as a
// number of connections can, or at a rate. A login takes from when it was due to connect to its reply.
#pragma once

#include <memory>
#include <vector>

#include "bench/client.h"
#include "bench/scenario.h"
#include "bench/schedule.h"

namespace bench {

class Logins : public Scenario, public Listener {
 public:
  explicit Logins(Context& context);

  static Plan plan(const Options& options);
  int64_t turn(int64_t now) override;
  bool ready() const override { return true; }
  void start(int64_t at_us) override;

 private:
  struct Door {
    std::unique_ptr<Client> client;
    const User* user = nullptr;
    int64_t due_us = 0;
  };

  void count_due(int64_t now);
  void knock(size_t door, int64_t due_us);
  void look_after(int64_t now);
  void settle(const Client& client, Count how);
  void leave(Client& client);

  void on_greeted(Client& client) override;
  void on_ready(Client& client) override;
  void on_reply(Client& client, const Request& request, const Frame& frame) override;
  void on_message(Client&, const Frame&, bool) override {}
  void on_lost(Client& client, const std::string& why) override;
  void on_nonsense(Client& client, std::string_view line) override;

  Context& context_;
  Schedule schedule_;
  Schedule counted_;  // the same, of what has been counted
  int64_t start_us_ = never_us;
  int64_t look_us_ = 0;  // when to look after the doors
  std::vector<Door> doors_;
  std::vector<size_t> free_;
};

}  // namespace bench
