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
  gone,         // connections, in a storm
  back,         // of those, logged in and synced again
  repeated,     // messages that came again: allowed
  disordered,   // messages below one that came before
  nonsense,     // frames that can't be
  window_sent,  // messages; or logins
  window_ok,
  window_failed,
  window_expected,
  window_delivered,
  window_asked,  // history
  window_read,   // of that, answered
};
constexpr std::array<std::string_view, 21> count_names = {
    "connections",      "logins",       "sent",        "ok",        "failed",        "expected",
    "delivered",        "refused",      "lost",        "gone",      "back",          "repeated",
    "disordered",       "nonsense",     "window_sent", "window_ok", "window_failed", "window_expected",
    "window_delivered", "window_asked", "window_read",
};
static_assert(count_names.size() == static_cast<size_t>(Count::window_read) + 1);

enum class Latency : uint8_t { ok, delivery, login, lag, back, storm_ok, history };
struct LatencyWords {
  std::string_view name;  // in the JSON
  std::string_view told;
};
constexpr std::array<LatencyWords, 7> latency_words = {{{"ok", "due to ok"},
                                                        {"delivery", "due to delivery"},
                                                        {"login", "connect to logged in"},
                                                        {"lag", "due to sent"},
                                                        {"back", "lost to synced"},
                                                        {"storm_ok", "due to ok, in the storm"},
                                                        {"history", "history, due to reply"}}};

}  // namespace bench
