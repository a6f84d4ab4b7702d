// What a Terminal draws, and how it gets out of the way of what is being typed. See terminal.h.
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "client/cells.h"
#include "client/terminal.h"

namespace client {
namespace {

int screen_width() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::wstring widen(const std::string& text) {
  std::wstring out(text.size(), L'\0');
  const size_t n = mbstowcs(out.data(), text.c_str(), out.size());
  out.resize(n == static_cast<size_t>(-1) ? 0 : n);
  return out;
}

// To the first column `rows` above, and nothing below it.
void clear_from(int rows) {
  if (rows > 0) printf("\x1b[%dA", rows);
  fputs("\r\x1b[J", stdout);
}

std::string common_prefix(const std::vector<std::string>& words) {
  std::string prefix = words.front();
  for (const std::string& word : words) {
    const auto end = std::mismatch(prefix.begin(), prefix.end(), word.begin(), word.end()).first;
    prefix.erase(end, prefix.end());
  }
  return prefix;
}

}  // namespace

// Takes the line being edited off the screen.
void Terminal::erase() {
  if (!editing_ || erased_) return;
  const LineInfoW* line = el_wline(line_.get());
  const std::wstring_view left(line->buffer, static_cast<size_t>(line->cursor - line->buffer));
  const int width = screen_width();
  clear_from(after(after({}, widen(prompt_), width), left, width).row);
  erased_ = true;
}

// Draws it again, once for all that was printed since.
void Terminal::redraw() {
  fflush(stdout);
  if (!erased_) return;
  erased_ = false;
  el_set(line_.get(), EL_REFRESH);
}

void Terminal::print(const std::string& text) {
  erase();
  fputs(text.c_str(), stdout);
  fputc('\n', stdout);
  if (!editing_) fflush(stdout);
}

void Terminal::show(const Entry& entry) {
  const std::string day = local_day(entry.ts);
  if (day_.empty()) day_ = local_day(static_cast<int64_t>(time(nullptr)) * 1000);
  if (day != std::exchange(day_, day)) print(styled("-- " + day + " --", "2", style_));
  print(terminal_line(entry, style_));
}

void Terminal::notice(const std::string& text) {
  print(styled("* " + text, "2", style_));
}

void Terminal::error(const std::string& text) {
  print(styled("! " + text, "31", style_));
}

// The typed line stands above the cursor, with its end.
void Terminal::unecho() {
  const int width = screen_width();
  clear_from(after(after({}, widen(prompt_), width), widen(last_line_), width).row + 1);
  fflush(stdout);
}

void Terminal::set_prompt(const std::string& prompt) {
  if (prompt == prompt_) return;
  erase();
  prompt_ = prompt;
}

// False when one of them asks to leave.
bool Terminal::take_signals() {
  for (const int signal : signals_.take()) {
    if (signal == SIGTERM || signal == SIGHUP) leaving_ = true;
    if (signal == SIGINT) interrupt();
    if (signal == SIGTSTP) suspend();
    if (signal == SIGWINCH || signal == SIGCONT) {
      erase();
      el_resize(line_.get());
    }
  }
  return !leaving_;
}

// ^C: away with the line; on an empty one, away with us.
void Terminal::interrupt() {
  const LineInfoW* line = el_wline(line_.get());
  const auto length = static_cast<int>(line->lastchar - line->buffer);
  if (length == 0) leaving_ = true;
  erase();
  el_cursor(line_.get(), static_cast<int>(line->lastchar - line->cursor));
  el_deletestr(line_.get(), length);
}

void Terminal::suspend() {
  erase();
  fflush(stdout);
  el_set(line_.get(), EL_PREP_TERM, 0);
  raise(SIGSTOP);
  el_set(line_.get(), EL_PREP_TERM, 1);
}

// Tab: the rest of the word, as far as it is certain; all that fit, where it is not.
int Terminal::complete() {
  const LineInfo* line = el_line(line_.get());
  const std::string_view head(line->buffer, static_cast<size_t>(line->cursor - line->buffer));
  if (!completer_) return CC_ERROR;
  const std::vector<std::string> words = completer_(head);
  if (words.empty()) return CC_ERROR;
  const std::string_view word = head.substr(head.rfind(' ') + 1);  // npos + 1: the whole head
  const std::string certain = words.size() == 1 ? words.front() + " " : common_prefix(words);
  if (certain.size() > word.size()) {
    el_insertstr(line_.get(), certain.c_str() + word.size());
    return CC_REFRESH;
  }
  std::string all;
  for (const std::string& each : words) all += each + "  ";
  print(all);
  redraw();
  return CC_NORM;
}

}  // namespace client
