// The first look at a configuration file: refuses what libconfuse lets pass, and remembers where things
// stand. Pure; it knows no directive.
//
// libconfuse takes unclosed blocks and strings, the last of two equal settings, ${HOME}, and swallows any
// byte it does not know; and its line numbers are wrong behind a comment of several lines. So the file is
// read here first, and handed on as a text in which each token stands on its own line of the original,
// quoted.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conf {

// A mistake, told as "LINE: DIRECTIVE: EXPECTED".
struct Problem {
  int line = 0;
  std::string directive;
  std::string expected;  // "expected a closing }"
};

// Where a name was given a value or opened a block.
struct Mark {
  std::string name;
  int line = 0;
  int section = -1;  // the mark of the block it stands in, -1 at the top
};

struct Scan {
  std::string text;         // for libconfuse
  std::vector<Mark> marks;  // in the order of the file
  int lines = 1;
  std::optional<Problem> problem;  // the first; the rest is then not complete
};

Scan scan(std::string_view source);

}  // namespace conf
