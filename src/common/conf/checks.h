// What single values can't show: limits that contradict each other, an address listened on twice, a log
// that can't be written. Reads, never changes.
#pragma once

#include <vector>

#include "common/conf/scan.h"
#include "common/conf/settings.h"
#include "common/conf/tree.h"

namespace conf {

// REQUIRES: each value is right by itself. Adds what it finds; the tree knows the lines.
void check_together(const Settings& settings, const Tree& tree, std::vector<Problem>& problems);

}  // namespace conf
