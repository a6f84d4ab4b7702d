// The ONE table of directives: what may stand in a configuration file, and what each is when it does not.
//
// Everything else is made from it: libconfuse's options (tree.cc), the checks (value.cc), the dump, and
// what a reload may change (reload.cc). A new directive is one row here, one member of Settings and one
// entry in man/chatd.conf.5, which scripts/check compares.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/conf/settings.h"

namespace conf {

enum class Kind {
  flag,  // true, yes, on; false, no, off
  integer,
  auto_or_integer,  // "auto" is 0
  size,
  time,
  seconds,     // a time of whole seconds
  node,        // a node's name
  path,        // absolute, or empty
  log_target,  // "stderr" or an absolute path
  log_level,
  address,   // may be empty
  networks,  // a list
  origins,   // a list, may be empty: "https://chat.example.org"
  conninfo,  // libpq's, with a host that needs no look-up
  secret,    // any text; never shown in a message
  section,   // a block with an address as its title
};

// What a HUP does with a changed value.
enum class Reload { taken, restart };

using Member = std::variant<std::monostate, bool Settings::*, int64_t Settings::*, std::string Settings::*,
                            std::vector<std::string> Settings::*>;

constexpr bool is_list(Kind kind) {
  return kind == Kind::networks || kind == Kind::origins;
}

struct Directive {
  std::string_view name;  // "listen.proxy": the key `proxy` in a `listen` block
  Kind kind;
  std::string_view fallback;  // as one would write it; words of a list by blanks
  int64_t least;
  int64_t most;
  Member member;  // monostate: sections and what stands in them
  Reload reload;
  std::string_view doc;  // one line
};

// Sorted by name.
std::span<const Directive> directives();
// REQUIRES: the name is in the table.
const Directive& directive(std::string_view name);

// The section a row belongs to ("" at the top), and its name there.
std::string_view section_of(const Directive& row);
std::string_view key_of(const Directive& row);

}  // namespace conf
