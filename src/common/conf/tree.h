// The file as libconfuse understands it: settings and blocks with their words and lines, no value looked at
// yet. The only place that includes libconfuse, which here says what may stand where; it prints nothing.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/conf/scan.h"

namespace conf {

struct Entry {
  std::vector<std::string> words;  // one, or those of a list
  int line = 0;
};

struct Section {
  std::string title;
  int line = 0;
  std::map<std::string, Entry, std::less<>> keys;
};

struct Tree {
  std::map<std::string, Entry, std::less<>> settings;  // what the file sets, by name
  std::map<std::string, std::vector<Section>, std::less<>> sections;
  std::optional<Problem> problem;
};

// REQUIRES: the scan found no problem. Not for two threads at once: libconfuse's scanner is global.
Tree parse_tree(const Scan& scan);

const char* libconfuse_version();

}  // namespace conf
