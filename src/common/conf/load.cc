// See load.h. Every mistake of the values is gathered, and the first of the file is told.
#include "common/conf/load.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "common/base/fd.h"
#include "common/base/text.h"
#include "common/conf/address.h"
#include "common/conf/checks.h"
#include "common/conf/directives.h"
#include "common/conf/expected.h"
#include "common/conf/scan.h"
#include "common/conf/tree.h"
#include "common/conf/value.h"

namespace conf {
namespace {

constexpr size_t file_limit = 256 * 1024;  // a configuration is a few kilobytes; /dev/zero has no end

// The host's name, cut at the first dot and folded to what a node's name may hold.
std::string host_name() {
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  std::string node(name, std::min(std::strcspn(name, "."), size_t{32}));
  for (char& c : node) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-')) c = '-';
  }
  return node.empty() ? "node" : node;
}

class Loader {
 public:
  Loader(const Scan& scan, ConninfoCheck check) : scan_(scan), check_(check), tree_(parse_tree(scan)) {}

  // The first mistake, or none; the settings then hold everything.
  std::optional<Problem> run() {
    if (tree_.problem) return tree_.problem;
    read_settings();
    read_listen();
    read_redis();
    if (problems_.empty()) check_together(settings_, tree_, check_, problems_);
    const auto first = std::min_element(problems_.begin(), problems_.end(),
                                        [](const Problem& a, const Problem& b) { return a.line < b.line; });
    return first == problems_.end() ? std::nullopt : std::optional(*first);
  }

  Settings settings() { return std::move(settings_); }

 private:
  void read_settings();
  void read_listen();
  void read_redis();
  // The value of a section's key, its fallback where the key is absent or wrong.
  Value key(const Section& section, std::string_view name);
  void address_of(const char* what, const Section& section);
  void fail(int line, std::string_view name, const base::Error& error) {
    problems_.push_back(Problem{line, std::string(name), error.detail});
  }

  const Scan& scan_;
  ConninfoCheck check_;
  Tree tree_;
  Settings settings_;
  std::vector<Problem> problems_;
};

void Loader::read_settings() {
  for (const Directive& row : directives()) {
    if (std::holds_alternative<std::monostate>(row.member)) continue;
    const auto entry = tree_.settings.find(row.name);
    if (entry == tree_.settings.end()) {
      if (row.kind == Kind::conninfo)
        fail(scan_.lines, row.name, expected("this directive: it has no default"));
      set(settings_, row, fallback_value(row));
    } else if (base::Result<Value> value = parse_value(row, entry->second.words); value) {
      set(settings_, row, std::move(*value));
    } else {
      fail(entry->second.line, row.name, value.error());
    }
  }
  if (settings_.node.empty()) settings_.node = host_name();
}

Value Loader::key(const Section& section, std::string_view name) {
  const Directive& row = directive(name);
  const auto entry = section.keys.find(key_of(row));
  if (entry == section.keys.end()) return fallback_value(row);
  base::Result<Value> value = parse_value(row, entry->second.words);
  if (value) return std::move(*value);
  fail(entry->second.line, key_of(row), value.error());
  return fallback_value(row);
}

void Loader::address_of(const char* what, const Section& section) {
  if (base::Result<Address> address = parse_address(section.title); !address) {
    address.error().detail += ", not \"" + base::escaped(section.title) + "\"";
    fail(section.line, what, address.error());
  }
}

void Loader::read_listen() {
  const std::vector<Section>& sections = tree_.sections["listen"];
  if (sections.empty()) fail(scan_.lines, "listen", expected("at least one listen \"ADDRESS\" { }"));
  for (const Section& section : sections) {
    Listen one;
    address_of("listen", section);
    one.address = section.title;
    one.proxy = key(section, "listen.proxy").flag;
    one.websocket = key(section, "listen.websocket").flag;
    one.backlog = static_cast<int>(key(section, "listen.backlog").number);
    one.line = section.line;
    settings_.listen.push_back(std::move(one));
  }
}

void Loader::read_redis() {
  const std::vector<Section>& sections = tree_.sections["redis"];
  if (sections.empty()) fail(scan_.lines, "redis", expected("one redis \"ADDRESS\" { }"));
  if (sections.size() > 1) fail(sections[1].line, "redis", expected("one redis block, there are more"));
  for (const Section& section : sections) {
    address_of("redis", section);
    settings_.redis.push_back(Redis{section.title, key(section, "redis.password").text});
  }
}

base::Result<std::string> read_file(const std::string& path) {
  const base::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!file || fstat(file.get(), &status) != 0) return expected(std::string("a file: ") + strerror(errno));
  if (S_ISDIR(status.st_mode)) return expected("a file, not a folder");
  std::string text(file_limit + 1, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t n = ::read(file.get(), text.data() + size, text.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return expected(std::string("a readable file: ") + strerror(errno));
    if (n == 0) break;
    size += static_cast<size_t>(n);
  }
  if (size > file_limit) return expected("a file of at most 256k");
  text.resize(size);
  return text;
}

base::Error located(const std::string& file, const Problem& problem) {
  return base::refusal(
      base::Code::bad_field,
      file + ":" + std::to_string(problem.line) + ": " + problem.directive + ": " + problem.expected,
      problem.directive);
}

}  // namespace

base::Result<Settings> load_text(std::string_view text, const std::string& name, ConninfoCheck check) {
  const Scan scanned = scan(text);
  if (scanned.problem) return located(name, *scanned.problem);
  Loader loader(scanned, check);
  if (const std::optional<Problem> problem = loader.run()) return located(name, *problem);
  return loader.settings();
}

base::Result<Settings> load(const std::string& path, ConninfoCheck check) {
  base::Result<std::string> text = read_file(path);
  if (text) return load_text(*text, path, check);
  text.error().detail = path + ": " + text.error().detail;
  return text.error();
}

}  // namespace conf
