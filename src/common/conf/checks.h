// What single values can't show: limits that contradict each other, an address listened on twice, a log
// that can't be written, a folder that is not there. Reads, never changes.
#pragma once

#include <string>
#include <vector>

#include "common/conf/scan.h"
#include "common/conf/settings.h"
#include "common/conf/tree.h"

namespace conf {

// What libpq alone can say of a conninfo: what was expected; empty: nothing is wrong. conf does not know
// libpq: who loads a file hands it in.
using ConninfoCheck = std::string (*)(const std::string& conninfo);

// REQUIRES: each value is right by itself. Adds what it finds; the tree knows the lines.
void check_together(const Settings& settings, const Tree& tree, ConninfoCheck check,
                    std::vector<Problem>& problems);

}  // namespace conf
