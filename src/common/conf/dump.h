// Settings as a configuration file: every directive with its value, itself loadable again (chatd -T).
#pragma once

#include <string>

#include "common/conf/settings.h"

namespace conf {

// Passwords stand in it as they are.
std::string dump(const Settings& settings);

}  // namespace conf
