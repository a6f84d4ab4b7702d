// Talk: the scenarios in which clients send. It deals out what is due among the voices, in an open or a
// closed loop, and looks at what arrives.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "bench/crowd.h"
#include "bench/schedule.h"
#include "bench/voice.h"

namespace bench {

class Talk : public Crowd {
 public:
  int64_t turn(int64_t now) override;
  void start(int64_t at_us) override;

 protected:
  Talk(Context& context, Lane lane);

  // `client` talks there.
  void give_voice(Client& client, Conversation to);
  std::vector<Voice>& voices() { return voices_; }
  // Nothing that `client` was to say waits.
  bool silent(const Client& client) const;
  // Who says the message `number` of the run. REQUIRES: there are voices.
  virtual Voice& speaker(int64_t) { return voices_[schedule_.turn() % voices_.size()]; }
  void answered(Client& client, const Request& request, const Frame& frame) override;
  void heard(Client& client, const Frame& frame, bool fresh) override;
  void came(Client& client) override;
  void went(Client& client) override;
  // A message of this run, due within the time that is measured, has reached one more client.
  virtual void reached(int64_t, int64_t) {}

 private:
  void judge_order(const Client& client, const Frame& frame);
  void say_next(Voice& voice, int64_t due_us);
  void begin(int64_t now);
  void retry(int64_t now);

  Schedule schedule_;
  std::vector<Voice> voices_;
  std::vector<std::vector<size_t>> voices_of_;            // by client
  std::vector<std::map<std::string, int64_t>> last_seq_;  // by client and conversation
  int64_t start_us_ = never_us;
  bool begun_ = false;
  int64_t retry_us_ = 0;  // when to look whether somebody may try again
};

}  // namespace bench
