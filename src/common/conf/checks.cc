// See checks.h. One function a rule.
#include "common/conf/checks.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <initializer_list>

#include "common/conf/address.h"
#include "common/conf/units.h"

namespace conf {
namespace {

class Checks {
 public:
  Checks(const Settings& settings, const Tree& tree, std::vector<Problem>& problems)
      : s_(settings), tree_(tree), problems_(problems) {}

  void limits() {
    if (s_.max_text > s_.max_frame)
      fail("max_text", {"max_text", "max_frame"}, "at most max_frame, " + print_size(s_.max_frame));
    if (s_.output_limit < s_.max_frame)
      fail("output_limit", {"output_limit", "max_frame"}, "at least max_frame, " + print_size(s_.max_frame));
  }

  void daemon() {
    if (s_.daemon && s_.error_log == "stderr")
      fail("daemon", {"daemon", "error_log"}, "error_log to be a file: a daemon has no stderr");
  }

  // Nothing is created here: the test of a configuration may run as another user than the server.
  void log() {
    if (s_.error_log == "stderr") return;
    struct stat status {};
    const bool exists = stat(s_.error_log.c_str(), &status) == 0;
    const std::string folder = s_.error_log.substr(0, std::max<size_t>(s_.error_log.rfind('/'), 1));
    if (exists && S_ISDIR(status.st_mode))
      errno = EISDIR;
    else if (faccessat(AT_FDCWD, (exists ? s_.error_log : folder).c_str(), exists ? W_OK : W_OK | X_OK,
                       AT_EACCESS) == 0)
      return;
    fail("error_log", {"error_log"}, std::string("a file that can be written: ") + strerror(errno));
  }

  void web_root() {
    if (s_.web_root.empty()) return;
    struct stat status {};
    if (stat(s_.web_root.c_str(), &status) == 0 && !S_ISDIR(status.st_mode))
      errno = ENOTDIR;
    else if (faccessat(AT_FDCWD, s_.web_root.c_str(), R_OK | X_OK, AT_EACCESS) == 0)
      return;
    fail("web_root", {"web_root"}, std::string("a folder that can be read: ") + strerror(errno));
  }

  void conninfo(ConninfoCheck check) {
    const std::string wanted = check != nullptr ? check(s_.postgres) : "";
    if (!wanted.empty()) fail("postgres", {"postgres"}, wanted);
  }

  void addresses() {
    std::vector<std::string> seen;
    for (const Listen& one : s_.listen) unique(seen, one.address, "listen", one.line);
    if (!s_.agent_listen.empty()) unique(seen, s_.agent_listen, "agent_listen", line({"agent_listen"}));
  }

 private:
  // The same address may be written in several ways; print_address() knows one.
  void unique(std::vector<std::string>& seen, const std::string& text, const char* name, int where) {
    base::Result<Address> address = parse_address(text);
    std::string plain = address ? print_address(*address) : text;
    if (std::find(seen.begin(), seen.end(), plain) != seen.end())
      problems_.push_back(Problem{where, name, "expected another address: " + plain + " is given twice"});
    seen.push_back(std::move(plain));
  }

  // The line of the last of these that the file sets: the one that made it wrong.
  int line(std::initializer_list<const char*> names) const {
    int last = 1;
    for (const char* name : names)
      if (const auto entry = tree_.settings.find(name); entry != tree_.settings.end())
        last = std::max(last, entry->second.line);
    return last;
  }

  void fail(const char* name, std::initializer_list<const char*> concerned, const std::string& wanted) {
    problems_.push_back(Problem{line(concerned), name, "expected " + wanted});
  }

  const Settings& s_;
  const Tree& tree_;
  std::vector<Problem>& problems_;
};

}  // namespace

void check_together(const Settings& settings, const Tree& tree, ConninfoCheck check,
                    std::vector<Problem>& problems) {
  Checks checks(settings, tree, problems);
  checks.limits();
  checks.daemon();
  checks.log();
  checks.web_root();
  checks.conninfo(check);
  checks.addresses();
}

}  // namespace conf
