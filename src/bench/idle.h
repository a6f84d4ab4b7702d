// The scenario of idle connections: logged in, and nothing but keepalive pings. What they cost the workers
// in memory is seen from outside, before and after.
#pragma once

#include "bench/crowd.h"

namespace bench {

class Idle : public Crowd {
 public:
  explicit Idle(Context& context);

  static Plan plan(const Options& options);
  void start(int64_t) override {}
};

}  // namespace bench
