// Folder: the files of one folder in memory, as a web server hands them out: bytes, type, entity tag, and a
// gzipped copy where that is smaller. Read once, by the master before it forks, so that all workers share
// the pages; read-only afterwards. A file that is not in it can't be asked for, whatever a path says.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "common/base/error.h"

namespace files {

struct File {
  std::string bytes;
  std::string gzip;  // empty: not worth it
  std::string_view type;
  std::string tag;  // of the bytes, without quotes; the gzipped copy's has "-gz" behind it
};

class Folder {
 public:
  // Everything below `path` but links and what begins with a dot; nothing for an empty path. An error if it
  // can't be read, or if the bytes are more than max_bytes.
  static base::Result<Folder> read(const std::string& path, uint64_t max_bytes);

  // By its path below the folder, without a slash before it: "app.js". Null if it is not there.
  const File* find(std::string_view name) const;
  size_t size() const { return files_.size(); }

 private:
  std::map<std::string, File, std::less<>> files_;
};

}  // namespace files
