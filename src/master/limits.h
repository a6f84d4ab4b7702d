// Limits: the process' own, which the workers inherit.
#pragma once

#include "common/conf/settings.h"

namespace master {

// Raises the soft limit of descriptors to what worker_connections needs, and says so if the hard one does
// not allow it.
void raise_descriptor_limit(const conf::Settings& settings);

}  // namespace master
