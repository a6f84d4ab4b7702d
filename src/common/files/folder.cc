// See folder.h.
#include "common/files/folder.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <utility>

namespace files {
namespace {

namespace fs = std::filesystem;

constexpr size_t max_files = 10000;  // a folder with more is none of a web page: / by mistake, say

struct Type {
  std::string_view ending;
  std::string_view name;
  bool text;  // worth compressing
};

constexpr auto types = std::to_array<Type>({
    {".html", "text/html; charset=utf-8", true},
    {".css", "text/css; charset=utf-8", true},
    {".js", "text/javascript; charset=utf-8", true},
    {".mjs", "text/javascript; charset=utf-8", true},
    {".json", "application/json", true},
    {".webmanifest", "application/manifest+json", true},
    {".svg", "image/svg+xml", true},
    {".txt", "text/plain; charset=utf-8", true},
    {".png", "image/png", false},
    {".jpg", "image/jpeg", false},
    {".webp", "image/webp", false},
    {".ico", "image/x-icon", false},
    {".woff2", "font/woff2", false},
});

constexpr Type unknown{"", "application/octet-stream", false};

const Type& type_of(std::string_view name) {
  const auto* type =
      std::find_if(types.begin(), types.end(), [name](const Type& t) { return name.ends_with(t.ending); });
  return type == types.end() ? unknown : *type;
}

std::string gzipped(const std::string& bytes) {
  z_stream stream{};
  constexpr int gzip_window = 15 + 16;
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, gzip_window, 9, Z_DEFAULT_STRATEGY) != Z_OK)
    return "";
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(whole ? stream.total_out : 0);
  deflateEnd(&stream);
  out.shrink_to_fit();
  return out;
}

// Two checksums and the size: it tells one version from the next, and guards against nobody.
std::string tag_of(const std::string& bytes) {
  const auto* data = reinterpret_cast<const Bytef*>(bytes.data());
  char tag[64];
  std::snprintf(tag, sizeof tag, "%08lx%08lx-%zx", crc32_z(0, data, bytes.size()),
                adler32_z(1, data, bytes.size()), bytes.size());
  return tag;
}

File make_file(std::string_view name, std::string bytes) {
  const Type& type = type_of(name);
  File file;
  file.type = type.name;
  file.tag = tag_of(bytes);
  if (type.text) file.gzip = gzipped(bytes);
  if (file.gzip.size() >= bytes.size()) file.gzip.clear();
  file.bytes = std::move(bytes);
  return file;
}

bool hidden(const fs::path& path) {
  return path.filename().native().starts_with('.');
}

base::Error unreadable(const fs::path& path, const std::error_code& error) {
  return base::internal(path.native() + ": " + error.message());
}

// At most `room` bytes of it, and one more to tell that there are more.
base::Result<std::string> read_bytes(const fs::path& path, uint64_t room) {
  std::ifstream in(path, std::ios::binary);
  std::string bytes(std::min<uint64_t>(fs::file_size(path), room) + 1, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (in.bad() || !in.is_open()) return base::internal(path.native() + ": can't be read");
  bytes.resize(static_cast<size_t>(in.gcount()));
  return bytes;
}

}  // namespace

base::Result<Folder> Folder::read(const std::string& path, uint64_t max_bytes) try {
  Folder folder;
  uint64_t room = max_bytes;
  if (path.empty()) return folder;
  for (auto at = fs::recursive_directory_iterator(path); at != fs::recursive_directory_iterator(); ++at) {
    if (hidden(at->path())) {
      at.disable_recursion_pending();
      continue;
    }
    if (at->symlink_status().type() != fs::file_type::regular) continue;
    auto bytes = read_bytes(at->path(), room);
    if (!bytes) return bytes.error();
    if (bytes->size() > room)
      return base::internal(path + ": more than web_files, " + std::to_string(max_bytes) + " bytes");
    room -= bytes->size();
    if (folder.files_.size() == max_files) return base::internal(path + ": more than 10000 files");
    const std::string name = at->path().lexically_relative(path).native();
    folder.files_.emplace(name, make_file(name, std::move(*bytes)));
  }
  return folder;
} catch (const fs::filesystem_error& e) {
  return unreadable(e.path1(), e.code());
}

const File* Folder::find(std::string_view name) const {
  const auto file = files_.find(name);
  return file == files_.end() ? nullptr : &file->second;
}

}  // namespace files
