// Channel: the socket pair between the master and one worker.
//
// Nothing is said over it: orders travel as signals, answers over the scoreboard. It is there to end: when
// the master is gone, however it went, the worker reads EOF and leaves. Each end has one owner; a copy that
// another process keeps would hide the EOF, so a new worker closes all ends that are not its own.
#pragma once

#include "common/base/fd.h"

namespace ipc {

struct Channel {
  base::Fd master;
  base::Fd worker;
};

// Throws std::system_error if there are no descriptors left.
Channel make_channel();

}  // namespace ipc
