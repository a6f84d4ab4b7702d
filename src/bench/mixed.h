// The scenario of a day of a real site, in small: many who only listen, some who talk in pairs, some in
// groups, some who read history; and all of them come and go. Every rate is an option.
#pragma once

#include <map>
#include <random>
#include <vector>

#include "bench/assembly.h"

namespace bench {

class Mixed : public Assembly {
 public:
  explicit Mixed(Context& context);

  static Plan plan(const Options& options);
  int64_t turn(int64_t now) override;
  void start(int64_t at_us) override;

 private:
  // Of history.
  struct Read {
    size_t voice;
    int64_t due_us;
    int64_t not_before_us = 0;
  };

  Mixed(Context& context, Lane lane);
  void give_voices(size_t user, Client& client);
  int64_t later(int64_t now, double mean_seconds);
  int64_t leave(int64_t now);
  int64_t read(int64_t now);
  void ask_history(const Read& read);
  void put_off(const Read& read);
  void ask_again(int64_t now);
  bool reads_nothing(const Client& client);
  Voice& speaker(int64_t number) override;
  void came(Client& client) override;
  void went(Client& client) override;
  void answered(Client& client, const Request& request, const Frame& frame) override;

  Schedule reads_;
  std::vector<Read> later_;  // due, and to be asked for when that can be
  int64_t ask_again_us_ = 0;
  std::vector<size_t> pair_voices_;
  std::vector<size_t> group_voices_;
  std::multimap<int64_t, size_t> leaving_;  // when, who
  bool started_ = false;
  bool over_ = false;
  std::minstd_rand random_;
};

}  // namespace bench
