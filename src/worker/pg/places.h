// The places that a conninfo names: libpq takes several hosts, split by commas. Pure. A Keeper tries them one
// after the other by itself, for libpq goes on to the next one only where it is refused, never where nobody
// answers or a connection is closed again.
#pragma once

#include <string>
#include <vector>

namespace pg {

// What libpq expects of a conninfo and does not find in it; empty: it takes it. Repeats no value: one is a
// password.
std::string conninfo_problem(const std::string& conninfo);

// A conninfo for each place, alike in all else; the conninfo itself where libpq would not take it.
std::vector<std::string> places(const std::string& conninfo);

}  // namespace pg
