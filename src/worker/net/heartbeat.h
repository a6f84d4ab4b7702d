// Heartbeat: tells the master, over the scoreboard, that this worker's loop comes round.
//
// Owned by the worker, begun before anything that may take long. It beats from the loop itself and from
// nowhere else: a loop that hangs is to be found out.
#pragma once

#include "common/ipc/shared.h"
#include "common/loop/watch.h"

namespace net {

class Heartbeat {
 public:
  static constexpr loop::Millis interval{200};  // worker_timeout is at least a second

  Heartbeat(loop::Loop& loop, ipc::Slot& slot);

 private:
  void beat();

  ipc::Slot& slot_;
  loop::Timer timer_;
};

}  // namespace net
