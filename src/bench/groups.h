// The scenario of a group: its members are spread over the load processes and the targets, and talk in turn
// at a rate. How far each message has come, to the last member too, is put together on the board.
#pragma once

#include "bench/assembly.h"

namespace bench {

class Groups : public Assembly {
 public:
  explicit Groups(Context& context);

  static Plan plan(const Options& options);

 private:
  void reached(int64_t number, int64_t latency_us) override;
};

}  // namespace bench
