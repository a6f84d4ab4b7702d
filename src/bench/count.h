// What a load process counts, and its words in the report.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bench {

// Those with `window` count only what was due within the time that is measured.
enum class Count : uint8_t {
  connections,  // logged in now
  logins,
  sent,
  ok,
  failed,       // refused for good
  expected,     // deliveries that the acknowledged ones must have
  delivered,    // for the first time
  refused,      // replies that are not ok, each time
  lost,         // connections
  repeated,     // messages that came again: allowed
  disordered,   // messages below one that came before
  nonsense,     // frames that can't be
  window_sent,  // messages; or logins
  window_ok,
  window_failed,
  window_expected,
  window_delivered,
};
constexpr std::array<std::string_view, 17> count_names = {
    "connections",     "logins",           "sent",        "ok",        "failed",
    "expected",        "delivered",        "refused",     "lost",      "repeated",
    "disordered",      "nonsense",         "window_sent", "window_ok", "window_failed",
    "window_expected", "window_delivered",
};
static_assert(count_names.size() == static_cast<size_t>(Count::window_delivered) + 1);

enum class Latency : uint8_t { ok, delivery, login, lag };
constexpr std::array<std::string_view, 4> latency_names = {"ok", "delivery", "login", "lag"};

}  // namespace bench
