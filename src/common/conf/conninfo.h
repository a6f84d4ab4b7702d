// A look at libpq's conninfo before libpq gets it: is it made of key=value pairs, and does it name a host
// that needs no look-up? PQconnectStart() resolves names, and blocks the worker's loop meanwhile. Pure; it
// does not know libpq's keys: which exist is libpq's to say.
#pragma once

#include <string_view>

#include "common/base/error.h"

namespace conf {

// The error's detail says what was expected, and repeats nothing: a conninfo may hold a password.
base::Result<void> check_conninfo(std::string_view conninfo);

}  // namespace conf
