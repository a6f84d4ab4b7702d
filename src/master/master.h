// The master: binds the sockets, forks the workers, watches over them, obeys signals, answers the agent
// check. It runs no chat code, holds no connection to store or bus, has no thread, and never blocks but in
// its own ppoll().
#pragma once

#include <functional>
#include <string>

#include "common/conf/settings.h"

namespace master {

// Runs until it is told to stop and the last worker has gone; returns the process' exit status.
//
// config_path is read again at HUP. on_ready is called once, when all addresses are bound and the workers
// forked: a pid file is written and a daemon's parent let go there. What prevents a start is logged, and
// told to stderr too when the log is a file.
int run(conf::Settings settings, const std::string& config_path, std::function<void()> on_ready);

}  // namespace master
