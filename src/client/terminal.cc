// See terminal.h. Here: reading. What is drawn is in terminal_draw.cc.
#include "client/terminal.h"

#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstring>
#include <cwchar>
#include <system_error>

namespace client {
namespace {

constexpr int history_size = 500;

// Echo is off for the length of this object.
class Quiet {
 public:
  Quiet() {
    tcgetattr(STDIN_FILENO, &former_);
    termios now = former_;
    now.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    now.c_lflag |= ICANON | ISIG;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &now);
  }
  ~Quiet() { tcsetattr(STDIN_FILENO, TCSAFLUSH, &former_); }

 private:
  termios former_{};
};

}  // namespace

Terminal::Terminal(Style style) : style_(style) {
  line_.reset(el_init("chat", stdin, stdout, stderr));
  history_.reset(history_init());
  if (!line_ || !history_) throw std::system_error(ENOMEM, std::generic_category(), "libedit");
  HistEvent event;
  history(history_.get(), &event, H_SETSIZE, history_size);
  history(history_.get(), &event, H_SETUNIQUE, 1);
  EditLine* line = line_.get();
  el_set(line, EL_CLIENTDATA, this);
  el_set(
      line, EL_PROMPT, +[](EditLine* e) { return of(e).prompt_.data(); });
  el_set(line, EL_HIST, history, history_.get());
  el_set(line, EL_EDITOR, "emacs");
  // By el_wset: what el_set copies for this one is never freed.
  el_wset(
      line, EL_ADDFN, L"chat-complete", L"Complete commands and names",
      +[](EditLine* e, int) { return static_cast<unsigned char>(of(e).complete()); });
  el_set(line, EL_BIND, "^I", "chat-complete", nullptr);
  el_set(line, EL_BIND, "^W", "ed-delete-prev-word", nullptr);
  el_set(line, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  el_source(line, nullptr);
  el_set(
      line, EL_GETCFN, +[](EditLine* e, wchar_t* out) { return of(e).next_char(out); });
}

Terminal::~Terminal() = default;

Terminal& Terminal::of(EditLine* line) {
  void* self = nullptr;
  el_get(line, EL_CLIENTDATA, &self);
  return *static_cast<Terminal*>(self);
}

std::optional<std::string> Terminal::read(Pump& pump) {
  if (leaving_ || pump.over()) return std::nullopt;
  pump_ = &pump;
  int count = 0;
  errno = 0;
  editing_ = true;
  const char* typed = el_gets(line_.get(), &count);
  editing_ = erased_ = false;
  if (typed == nullptr || count <= 0) {
    fputc('\n', stdout);
    return std::nullopt;
  }
  last_line_.assign(typed, static_cast<size_t>(count));
  if (last_line_.ends_with('\n')) last_line_.pop_back();
  HistEvent event;
  if (last_line_.find_first_not_of(' ') != std::string::npos)
    history(history_.get(), &event, H_ENTER, last_line_.c_str());
  return last_line_;
}

// libedit's source of characters: 1 with one, 0 at the end.
int Terminal::next_char(wchar_t* out) {
  for (;;) {
    if (leaving_ || pump_->over()) return 0;
    if (const int n = decode(out); n != 0) return n;
    if (!fill(*pump_)) return 0;
  }
}

// Waits for keys, the pump or a signal, whichever comes first. False at the end.
bool Terminal::fill(Pump& pump) {
  redraw();
  std::array<pollfd, 2> others = {{{STDIN_FILENO, POLLIN, 0}, {signals_.fd(), POLLIN, 0}}};
  poll_once(pump, others);
  if (others[1].revents != 0 && !take_signals()) return false;
  if (others[0].revents == 0) return true;
  std::array<char, 1024> bytes;
  const ssize_t n = ::read(STDIN_FILENO, bytes.data(), bytes.size());
  if (n > 0) keys_.append(bytes.data(), static_cast<size_t>(n));
  return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

// The first character of keys_: 1, or 0 if it is not whole yet. What is no character is left out.
int Terminal::decode(wchar_t* out) {
  while (!keys_.empty()) {
    mbstate_t state{};
    const size_t n = mbrtowc(out, keys_.data(), keys_.size(), &state);
    if (n == static_cast<size_t>(-2)) return 0;
    const bool valid = n != static_cast<size_t>(-1);
    keys_.erase(0, valid && n > 0 ? n : 1);
    if (valid && n > 0) return 1;
  }
  return 0;
}

bool Terminal::wait(Pump& pump) {
  pollfd other{signals_.fd(), POLLIN, 0};
  poll_once(pump, {&other, 1});
  if (other.revents == 0) return !leaving_;
  for (const int signal : signals_.take())
    if (signal == SIGINT || signal == SIGTERM || signal == SIGHUP) leaving_ = true;
  return !leaving_;
}

std::optional<std::string> Terminal::secret(const std::string& prompt, Pump& pump) {
  const Quiet quiet;
  fputs(prompt.c_str(), stdout);
  fflush(stdout);
  std::string typed;
  bool end = false;
  while (!end && !leaving_ && typed.find('\n') == std::string::npos) {
    std::array<pollfd, 2> others = {{{STDIN_FILENO, POLLIN, 0}, {signals_.fd(), POLLIN, 0}}};
    poll_once(pump, others);
    if (others[1].revents != 0)
      for (const int signal : signals_.take()) end = end || signal == SIGINT || signal == SIGTERM;
    if (end || others[0].revents == 0) continue;
    std::array<char, 1024> bytes;
    const ssize_t n = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (n > 0) typed.append(bytes.data(), static_cast<size_t>(n));
    end = n <= 0 && errno != EINTR;
  }
  print("");
  const size_t size = typed.find('\n');
  if (size == std::string::npos) return std::nullopt;
  return typed.substr(0, size);
}

}  // namespace client
