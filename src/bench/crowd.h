// Crowd: the clients of one load process, and what all scenarios with standing connections have in common:
// they are logged in by token a few at a time, brought back when they are lost, by any target, kept alive,
// and acknowledge once a second. A scenario derives from it and says what they do.
#pragma once

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "bench/client.h"
#include "bench/scenario.h"

namespace bench {

class Crowd : public Scenario, public Listener {
 public:
  int64_t turn(int64_t now) override;
  bool ready() const override { return ready_ == seats_.size(); }

 protected:
  explicit Crowd(Context& context);

  // One more client; it connects in its turn. `user` and `nth` are numbers of the whole run.
  Client& add(size_t user, size_t target, size_t nth);
  Client& client(size_t index) { return *seats_[index].client; }
  size_t size() const { return seats_.size(); }
  // It leaves, and comes back then. REQUIRES: it is ready, and this is not called from within one of its
  // calls.
  void send_away(Client& client, int64_t until_us);
  bool away(const Client& client) const { return seats_[client.index()].away; }
  // Those who are away come back at once.
  void call_back();
  // It has been away, and is here again for the first time.
  bool returned(const Client& client) const { return seats_[client.index()].returned; }
  // Since when it wants to be here; 0: always.
  int64_t since_us(const Client& client) const { return seats_[client.index()].since_us; }

  // Logged in, for the first time or again.
  virtual void came(Client&) {}
  virtual void answered(Client&, const Request&, const Frame&) {}
  virtual void heard(Client&, const Frame&, bool) {}
  // Lost; what waits for a reply can still be seen.
  virtual void went(Client&) {}

  Context& context_;

 private:
  struct Seat {
    std::unique_ptr<Client> client;
    const std::string* token;
    size_t target;
    size_t nth;
    int failures = 0;   // since it was last logged in
    bool away = false;  // it wants to be
    bool returned = false;
    int64_t since_us = 0;
  };

  void on_greeted(Client& client) override;
  void on_ready(Client& client) override;
  void on_reply(Client& client, const Request& request, const Frame& frame) override;
  void on_message(Client& client, const Frame& frame, bool fresh) override;
  void on_ack(Client& client, const std::string& conv, int64_t seq) override;
  void on_ack_refused(Client& client, const Frame& frame) override;
  void on_lost(Client& client, const std::string& why) override;
  void on_nonsense(Client& client, std::string_view line) override;
  void take_login(Client& client, const Frame& frame);
  void open(size_t index);
  void leave(Client& client);
  void sweep(int64_t now);
  int64_t back_off_us(Seat& seat);
  void come_back(const Client& client, int64_t wait_us);

  std::vector<Seat> seats_;
  std::multimap<int64_t, size_t> absent_;  // when to connect whom
  size_t coming_ = 0;                      // connecting, or logging in
  size_t ready_ = 0;
  int64_t sweep_us_ = 0;  // when to look after the next few clients
  size_t swept_ = 0;
  std::minstd_rand random_;
};

}  // namespace bench
