// Plain: standard input and output as they are, for pipes and programs; no escape codes, one line per thing.
// Messages and answers go to standard output, remarks and errors to standard error.
#pragma once

#include "client/console.h"

namespace client {

class Plain : public Console {
 public:
  // A longer input line is refused as a whole.
  static constexpr size_t line_limit = 1 << 20;

  bool interactive() const override { return false; }
  bool left_out() const override { return left_out_; }
  std::optional<std::string> read(Pump& pump) override;
  bool wait(Pump& pump) override;
  std::optional<std::string> secret(const std::string& prompt, Pump& pump) override;
  void show(const Entry& entry) override;
  void notice(const std::string& text) override;
  void error(const std::string& text) override;
  void print(const std::string& text) override;

 private:
  std::optional<std::string> take_line();
  void fill();

  std::string in_;
  bool skipping_ = false;  // the rest of a line that was too long
  bool left_out_ = false;  // there was such a line
  bool end_ = false;
};

}  // namespace client
