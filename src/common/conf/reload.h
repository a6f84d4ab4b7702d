// What a HUP can't change. A new generation of workers takes nearly all of a new file; what the process did
// once, at its start, it does not do again.
#pragma once

#include <string_view>
#include <vector>

#include "common/conf/settings.h"

namespace conf {

// The directives that differ and need a restart: for a warning.
std::vector<std::string_view> changed_in_vain(const Settings& running, const Settings& fresh);

}  // namespace conf
