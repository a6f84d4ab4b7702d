// What a HUP may change: a running server takes most of a new file, and keeps what needs a restart.
#pragma once

#include <string>
#include <vector>

#include "common/conf/settings.h"

namespace conf {

struct Reloaded {
  Settings settings;                 // the new ones, with the running values of what needs a restart
  std::vector<std::string> restart;  // the directives that were changed in vain; the master logs them
};

Reloaded reload(const Settings& running, Settings fresh);

}  // namespace conf
