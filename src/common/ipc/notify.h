// Tells the service manager how the server is, by sd_notify(3)'s protocol: one datagram to $NOTIFY_SOCKET.
//
// Without that variable nothing is sent: then nobody wants to know. It never blocks and never fails its
// caller; libsystemd is not needed for it. Who says what: main READY, the master the rest.
#pragma once

#include <string_view>

namespace ipc {

// Lines of VARIABLE=VALUE, as in "READY=1\nMAINPID=4711", "RELOADING=1", "STOPPING=1", "STATUS=...".
// A reload ends with another READY=1. True if it was sent.
bool notify(std::string_view lines);

}  // namespace ipc
