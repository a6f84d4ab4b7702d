// What a worker's exit status tells its master.
#pragma once

namespace ipc {

constexpr int exit_ok = 0;      // it left as it was asked to
constexpr int exit_failed = 1;  // a fault: start another one
constexpr int exit_fatal = 2;   // another one would fare no better: do not respawn; its slot has the reason

}  // namespace ipc
