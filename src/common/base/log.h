// The log: one line an event, one write a line, to stderr or to a file opened with O_APPEND, so that the
// lines of several processes never mix. A line reads
//   2026-11-20T12:43:48.123Z [notice] a/1 4711: text
// (time in UTC, level, node/worker or node/master, pid). Bytes that came from a peer go through escaped()
// first. The log never blocks on anything but the disk, and never fails its caller.
#pragma once

#include <string>

namespace base {

// As nginx has them. `alert` is for what must never happen: every test looks for it.
enum class Level { emerg, alert, crit, error, warn, notice, info, debug };

// Opens the target: "stderr" or a path. False if it can't be opened (errno says why); the old one stays.
bool log_open(const std::string& target);
// Opens the same target again, after a rotation.
void log_reopen();
void log_level(Level least);
// Who speaks in this process: "a/master", "a/1".
void log_identity(std::string who);

bool log_enabled(Level level);
void log(Level level, const char* format, ...) __attribute__((format(printf, 2, 3)));

}  // namespace base
