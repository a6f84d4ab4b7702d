// The table of commands: a new one is a row and a function in commands.cc.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace client {

class Chat;

struct Command {
  std::string_view name;
  std::string_view arguments;  // as /help shows them
  std::string_view help;
  size_t least;  // arguments
  size_t most;
  void (*run)(Chat& chat, const std::vector<std::string>& args);
};

// Sorted by name.
std::span<const Command> commands();

// By its name or by a beginning that no other command has; null otherwise.
const Command* find_command(std::string_view word);

}  // namespace client
