// The one entry of a worker: the master calls run() in the child that it has forked.
#pragma once

#include <span>
#include <string>

#include "common/conf/settings.h"
#include "common/files/folder.h"
#include "common/ipc/shared.h"
#include "common/ipc/socket.h"

namespace worker {

// Serves until it is told to leave, and returns the process' exit status (common/ipc/exit_status.h).
//
// The listening sockets are this process' own copies: whoever accepts closes them when it stops. EOF on
// channel_fd means that the master is gone. Signals: TERM leaves at once, QUIT drains, USR1 reopens the
// log; until the worker has handlers of its own TERM and QUIT end the process, USR1 waits, the others are
// ignored. On exit_fatal the slot's last words say why.
int run(const conf::Settings& settings, const files::Folder& files, ipc::Shared& shared,
        std::span<const ipc::Socket> listeners, int slot, int channel_fd);

// What libpq expects of a conninfo and does not find in it; empty: nothing. For who reads a configuration,
// before there is any worker.
std::string conninfo_problem(const std::string& conninfo);

}  // namespace worker
