// See tokens.h. The file's first line is the token, each further one a conversation and a seq. It is written
// beside its place and renamed, so that nobody reads half of one.
#include "client/tokens.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "common/base/fd.h"
#include "common/base/text.h"

namespace client {
namespace {

constexpr size_t file_limit = 1 << 20;

std::string state_folder() {
  const char* xdg = getenv("XDG_STATE_HOME");
  if (xdg != nullptr && xdg[0] == '/') return std::string(xdg) + "/chat";
  const char* home = getenv("HOME");
  return std::string(home != nullptr ? home : "") + "/.local/state/chat";
}

std::string read_file(const std::string& path) {
  const base::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  std::string bytes;
  std::array<char, 4096> chunk;
  while (file && bytes.size() < file_limit) {
    const ssize_t n = ::read(file.get(), chunk.data(), chunk.size());
    if (n <= 0) break;
    bytes.append(chunk.data(), static_cast<size_t>(n));
  }
  return bytes;
}

base::Error failed(const std::string& what) {
  return base::internal(what + ": " + strerror(errno));
}

}  // namespace

Tokens::Tokens(const Address& server) : folder_(state_folder()), suffix_("@" + server.text()) {
  std::replace(suffix_.begin(), suffix_.end(), '/', '_');
}

std::string Tokens::path(const std::string& name) const {
  return folder_ + "/" + name + suffix_;
}

Kept Tokens::load(const std::string& name) const {
  Kept kept;
  std::istringstream lines(read_file(path(name)));
  std::getline(lines, kept.token);
  if (!base::is_utf8(kept.token)) kept.token.clear();
  std::string conv;
  for (int64_t seq = 0; lines >> conv >> seq;) kept.seen.emplace_back(conv, seq);
  return kept;
}

base::Result<void> Tokens::save(const std::string& name, const Kept& kept) const {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  chmod(folder_.c_str(), 0700);
  const std::string place = path(name), draft = place + "." + std::to_string(getpid());
  const base::Fd file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return failed(draft);
  std::string text = kept.token + "\n";
  for (const auto& [conv, seq] : kept.seen) text += conv + " " + std::to_string(seq) + "\n";
  const bool whole = ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (!whole || ::rename(draft.c_str(), place.c_str()) != 0) {
    const auto why = failed(place);
    ::unlink(draft.c_str());
    return why;
  }
  return base::ok();
}

void Tokens::remove(const std::string& name) const {
  ::unlink(path(name).c_str());
}

std::string Tokens::last_name() const {
  namespace fs = std::filesystem;
  std::error_code error;
  std::string found;
  fs::file_time_type newest{};
  for (fs::directory_iterator it(folder_, error), end; !error && it != end; it.increment(error)) {
    const std::string file = it->path().filename();
    if (!file.ends_with(suffix_)) continue;
    const std::string name = file.substr(0, file.size() - suffix_.size());
    const auto written = fs::last_write_time(it->path(), error);
    if (!base::is_name(name) || (!found.empty() && written <= newest)) continue;
    found = name;
    newest = written;
  }
  return found;
}

}  // namespace client
