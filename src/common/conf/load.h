// Reads a configuration file into Settings, or says in one line what is wrong with it.
//
// The way: bytes → scan (what libconfuse lets pass) → tree (libconfuse) → values → what only values
// together can get wrong. It starts nothing, opens nothing but the file, and prints nothing.
#pragma once

#include <string>
#include <string_view>

#include "common/base/error.h"
#include "common/conf/checks.h"
#include "common/conf/settings.h"

namespace conf {

// The error's detail: "FILE:LINE: DIRECTIVE: expected ...", or "FILE: ..." where there is no line.
// For start-up and reloads, in one thread: libconfuse's scanner is global.
base::Result<Settings> load(const std::string& path, ConninfoCheck check);

// The same for a text that came from elsewhere; `name` stands for the file in messages.
base::Result<Settings> load_text(std::string_view text, const std::string& name,
                                 ConninfoCheck check = nullptr);

}  // namespace conf
