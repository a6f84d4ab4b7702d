// Terminal: a person at a screen. libedit edits the line; what arrives meanwhile is shown above it: the
// edited line is taken off the screen, the news printed, and the line drawn again below.
//
// libedit asks for each character by our own function, and that function is where everything else goes on:
// poll(), the pump, signals. It owns the terminal's modes and gives them back at its end.
#pragma once

#include <histedit.h>

#include <memory>

#include "client/console.h"
#include "client/signals.h"

namespace client {

class Terminal : public Console {
 public:
  explicit Terminal(Style style);
  ~Terminal() override;

  bool interactive() const override { return true; }
  std::optional<std::string> read(Pump& pump) override;
  bool wait(Pump& pump) override;
  std::optional<std::string> secret(const std::string& prompt, Pump& pump) override;
  void show(const Entry& entry) override;
  void notice(const std::string& text) override;
  void error(const std::string& text) override;
  void print(const std::string& text) override;
  void unecho() override;
  void set_prompt(const std::string& prompt) override;
  void set_completer(Completer completer) override { completer_ = std::move(completer); }

 private:
  struct EndLine {
    void operator()(EditLine* line) const { el_end(line); }
  };
  struct EndHistory {
    void operator()(History* history) const { history_end(history); }
  };

  static Terminal& of(EditLine* line);
  int next_char(wchar_t* out);
  int complete();
  bool take_signals();
  void interrupt();
  void suspend();
  bool fill(Pump& pump);
  int decode(wchar_t* out);
  void erase();
  void redraw();

  Style style_;
  Signals signals_;
  std::unique_ptr<EditLine, EndLine> line_;
  std::unique_ptr<History, EndHistory> history_;
  Completer completer_;
  Pump* pump_ = nullptr;  // while read() runs
  std::string prompt_ = "> ";
  std::string keys_;       // read and not yet taken by libedit
  std::string last_line_;  // as typed
  std::string day_;        // of the last entry shown
  bool editing_ = false;   // the prompt is on the screen, or erased() for a moment
  bool erased_ = false;
  bool leaving_ = false;
};

}  // namespace client
