// The scenario of pairs: in each, one sends and the other receives; by a fixed number in flight, or at a
// rate. `latency` is the same at a rate, the two on different targets.
#pragma once

#include "bench/talk.h"

namespace bench {

class Pairs : public Talk {
 public:
  explicit Pairs(Context& context) : Pairs(context, context.lane(context.options.pairs)) {}

  static Plan plan(const Options& options);

 protected:
  Pairs(Context& context, Lane lane);
};

}  // namespace bench
