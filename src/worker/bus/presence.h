// Presence: who is on-line anywhere. A user is where a worker subscribes to its channel, so Redis is asked
// how many do. Owned by the worker. While Redis is away only this worker's own users are known.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "common/base/outage.h"
#include "common/loop/loop.h"
#include "common/loop/task.h"
#include "common/loop/wait.h"
#include "worker/bus/bus.h"

namespace bus {

class Presence {
 public:
  Presence(loop::Loop& loop, Bus& bus, loop::Millis deadline) : loop_(loop), bus_(bus), deadline_(deadline) {}

  // In the order asked. No answer in time counts as off-line.
  loop::Task<std::vector<bool>> online(std::vector<int64_t> users);

 private:
  struct Question {
    std::vector<bool> answers{};
    bool answered = false;
    loop::Signal arrived{};
  };

  void complain(std::string_view why);

  loop::Loop& loop_;
  Bus& bus_;
  const loop::Millis deadline_;
  base::Outage refusals_;
};

}  // namespace bus
