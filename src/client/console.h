// Console: where lines are typed and shown. Two kinds: Terminal (libedit, redraws the prompt) and Plain
// (pipes, programs, dumb terminals). Both wait in poll() for the keyboard and for a Pump at once.
#pragma once

#include <poll.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/entry.h"

namespace client {

// What has to go on while somebody types.
class Pump {
 public:
  virtual ~Pump() = default;
  virtual int fd() const = 0;  // -1: none
  virtual short events() const = 0;
  virtual int64_t deadline() const = 0;  // mono_ms
  virtual void turn(short revents) = 0;
  // Reading is over, whatever is typed.
  virtual bool over() const = 0;
  // False: so much is waiting that reading has to pause.
  virtual bool hungry() const = 0;
};

// One poll() for the pump and `others`, whose revents are set; then one turn of the pump.
void poll_once(Pump& pump, std::span<pollfd> others);

class Console {
 public:
  using Completer = std::function<std::vector<std::string>(std::string_view head)>;

  virtual ~Console() = default;

  virtual bool interactive() const = 0;
  // The next line; nullopt at the end of input, when the pump is over, or when a signal asks to leave.
  virtual std::optional<std::string> read(Pump& pump) = 0;
  // Input was too long to be taken.
  virtual bool left_out() const { return false; }
  // One poll without reading; false when a signal asks to leave.
  virtual bool wait(Pump& pump) = 0;
  // A line that is not shown; nullopt if there is none.
  virtual std::optional<std::string> secret(const std::string& prompt, Pump& pump) = 0;

  virtual void show(const Entry& entry) = 0;
  virtual void notice(const std::string& text) = 0;  // by the way
  virtual void error(const std::string& text) = 0;   // something was not done
  virtual void print(const std::string& text) = 0;   // what a command was asked for
  // The line just read is shown in another form: take it off the screen.
  virtual void unecho() {}
  virtual void set_prompt(const std::string& prompt) { (void)prompt; }
  virtual void set_completer(Completer completer) { (void)completer; }
};

}  // namespace client
