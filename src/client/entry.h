// Entry: one line of the conversation as it is shown, and its two faces: for a terminal and for a program.
// Pure, but for the time zone. Nothing that a peer wrote can move a cursor or forge a line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace client {

struct Entry {
  // received: an event; the others are the states of one's own: sent and not yet answered, stored, refused.
  enum class State { received, sent, stored, refused };

  State state = State::received;
  int64_t ts = 0;
  std::string conv;
  std::string from;
  bool mine = false;
  std::string text;
  std::string code;    // refused
  std::string detail;  // refused
};

// What the terminal can show.
struct Style {
  bool colour = false;
  bool unicode = false;
};

// "12:43 bob: text"; "12:43 → bob: text ✓". Line ends within the text continue indented.
std::string terminal_line(const Entry& entry, const Style& style);
// "TIME STATE CONVERSATION FROM: TEXT", one line, the time in UTC; STATE of a refused one is refused:CODE.
std::string plain_line(const Entry& entry);

// "2026-11-20", local time: to tell one day from the next.
std::string local_day(int64_t ts);

// Wraps `text` in an SGR sequence where the style has colours.
std::string styled(std::string_view text, const char* sgr, const Style& style);

}  // namespace client
