// What a typed line asks for. Pure: it knows the shape of commands, not which there are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace client {

struct Line {
  // direct: "@name text" or "#group text", or the address alone with an empty text; mistake: `text` says what
  // is wrong.
  enum class Kind { empty, text, direct, command, mistake };

  Kind kind = Kind::empty;
  std::string to;                 // direct: "@name" or "#group"
  std::string text;               // text, direct, mistake
  std::string command;            // command: the word behind the slash
  std::vector<std::string> args;  // command: the words behind that
};

// A doubled first character stands for itself: "//etc is full", "@@home" and "##1" are texts.
Line parse_line(std::string_view typed);

// "@bob" or "bob" to "@bob"; empty if that is no name.
std::string to_user(std::string_view typed);
// "#tea" as it is, everything else as a user.
std::string to_conversation(std::string_view typed);

}  // namespace client
