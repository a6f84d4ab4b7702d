// What this program is made of: for -v and -V.
#pragma once

#include <string>

namespace master {

std::string version();     // "chatd 0.1.0"
std::string build_info();  // that, the compiler and the libraries as they are loaded, a line each

}  // namespace master
