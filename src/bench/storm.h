// The scenario of a reconnect storm: a crowd that only listens is cut off all at once, by this scenario or by
// somebody who kills a server, and comes back at once; meanwhile pairs talk at a rate. Told is how long each
// took from the loss until it was logged in and synced, and how the pairs fared in that time.
#pragma once

#include <vector>

#include "bench/pairs.h"

namespace bench {

class Storm : public Pairs {
 public:
  explicit Storm(Context& context);

  static Plan plan(const Options& options);
  int64_t turn(int64_t now) override;
  void start(int64_t at_us) override;

 private:
  bool listens(const Client& client) const { return client.index() >= talkers_; }
  void cut_off();
  void watch(int64_t now);
  void came(Client& client) override;
  void went(Client& client) override;
  void answered(Client& client, const Request& request, const Frame& frame) override;

  const size_t talkers_;          // the first clients
  std::vector<int64_t> lost_us_;  // by client; 0: it is here
  int64_t cut_us_ = never_us;
  int64_t from_us_ = never_us;  // of the storm, as far as this process has seen
  int64_t to_us_ = never_us;
};

}  // namespace bench
