// See entry.h.
#include "client/entry.h"

#include <cstdio>
#include <ctime>

#include "common/base/text.h"

namespace client {
namespace {

std::string format_time(const char* format, const tm& when) {
  char out[40];
  return std::string(out, strftime(out, sizeof out, format, &when));
}

tm local_time(int64_t ts) {
  const time_t seconds = ts / 1000;
  tm out{};
  localtime_r(&seconds, &out);
  return out;
}

std::string utc_time(int64_t ts) {
  const time_t seconds = ts / 1000;
  tm when{};
  gmtime_r(&seconds, &when);
  char fraction[8];
  snprintf(fraction, sizeof fraction, ".%03dZ", static_cast<int>(ts % 1000));
  return format_time("%Y-%m-%dT%H:%M:%S", when) + fraction;
}

// For eyes: a backslash is no danger to them, a line end continues the line, a tab is a gap.
std::string readable(std::string_view text, const Style& style) {
  const char* next_line = style.unicode ? "\n      ┆ " : "\n      | ";
  std::string out;
  while (!text.empty()) {
    const size_t n = text.find_first_of("\\\n\t");
    out += base::escaped(text.substr(0, n));
    if (n == std::string_view::npos) break;
    out += text[n] == '\\' ? "\\" : text[n] == '\t' ? "    " : next_line;
    text.remove_prefix(n + 1);
  }
  return out;
}

std::string mark(const Entry& entry, const Style& style) {
  const bool u = style.unicode;
  switch (entry.state) {
    case Entry::State::received:
      return "";
    case Entry::State::sent:
      return " " + styled(u ? "…" : "(sent)", "2", style);
    case Entry::State::stored:
      return " " + styled(u ? "✓" : "(stored)", "2", style);
    case Entry::State::refused:
      break;
  }
  const std::string why = base::escaped(entry.detail.empty() ? entry.code : entry.code + ": " + entry.detail);
  return styled((u ? " ✗ " : " (refused) ") + why, "31", style);
}

const char* word(Entry::State state) {
  switch (state) {
    case Entry::State::received:
      return "received";
    case Entry::State::sent:
      return "sent";
    case Entry::State::stored:
      return "stored";
    case Entry::State::refused:
      return "refused:";
  }
  return "";
}

}  // namespace

std::string styled(std::string_view text, const char* sgr, const Style& style) {
  if (!style.colour) return std::string(text);
  return std::string("\x1b[") + sgr + "m" + std::string(text) + "\x1b[0m";
}

std::string terminal_line(const Entry& entry, const Style& style) {
  std::string who;
  if (entry.mine)
    who = style.unicode ? "→ " : "-> ";
  else if (entry.conv.starts_with('#'))
    who = base::escaped(entry.conv) + " ";
  std::string name = entry.mine ? entry.conv : entry.from;
  if (name.starts_with('@')) name.erase(0, 1);
  return styled(format_time("%H:%M", local_time(entry.ts)), "2", style) + " " + who +
         styled(base::escaped(name), "1", style) + ": " + readable(entry.text, style) + mark(entry, style);
}

std::string plain_line(const Entry& entry) {
  return utc_time(entry.ts) + " " + word(entry.state) + base::escaped(entry.code) + " " +
         base::escaped(entry.conv) + " " + base::escaped(entry.from) + ": " + base::escaped(entry.text);
}

std::string local_day(int64_t ts) {
  return format_time("%Y-%m-%d", local_time(ts));
}

}  // namespace client
