// See console.h.
#include "client/console.h"

#include <algorithm>
#include <cerrno>

#include "common/base/clock.h"

namespace client {

void poll_once(Pump& pump, std::span<pollfd> others) {
  std::vector<pollfd> all(others.begin(), others.end());
  all.push_back({pump.fd(), pump.events(), 0});
  const int64_t left = pump.deadline() - base::mono_ms();
  const int timeout = static_cast<int>(std::clamp<int64_t>(left, 0, 3600 * 1000));
  if (poll(all.data(), all.size(), timeout) < 0)
    for (pollfd& each : all) each.revents = 0;  // interrupted: the signal's own descriptor tells the rest
  std::copy(all.begin(), all.end() - 1, others.begin());
  pump.turn(all.back().revents);
}

}  // namespace client
