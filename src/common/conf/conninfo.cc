// See conninfo.h. The grammar is libpq's (conninfo_parse): pairs split by blanks, blanks allowed around =,
// values bare or in single quotes, a backslash before any byte in both.
#include "common/conf/conninfo.h"

#include <arpa/inet.h>

#include <map>
#include <optional>
#include <string>

#include "common/conf/expected.h"

namespace conf {
namespace {

constexpr std::string_view blanks = " \t\n\r\f\v";

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  // The pairs, the last of two equal keys as libpq takes it; nullopt if it is not made of pairs.
  std::optional<std::map<std::string, std::string>> run() {
    std::map<std::string, std::string> pairs;
    for (skip(); at_ < text_.size(); skip()) {
      const size_t end = text_.find_first_of(" \t\n\r\f\v=", at_);
      const std::string key(text_.substr(at_, end - at_));
      at_ = std::min(end, text_.size());
      skip();
      if (key.empty() || at_ == text_.size() || text_[at_++] != '=') return std::nullopt;
      skip();
      const std::optional<std::string> value = this->value();
      if (!value) return std::nullopt;
      pairs[key] = *value;
    }
    return pairs;
  }

 private:
  void skip() { at_ = std::min(text_.find_first_not_of(blanks, at_), text_.size()); }

  std::optional<std::string> value() {
    std::string out;
    const bool in_quotes = at_ < text_.size() && text_[at_] == '\'';
    if (in_quotes) ++at_;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (in_quotes ? c == '\'' : blanks.find(c) != blanks.npos) break;
      if (c == '\\' && ++at_ == text_.size()) break;
      out += text_[at_];
    }
    if (!in_quotes) return out;
    if (at_++ >= text_.size()) return std::nullopt;
    return out;
  }

  std::string_view text_;
  size_t at_ = 0;
};

bool is_ip(const std::string& text) {
  unsigned char ip[16];
  return inet_pton(AF_INET, text.c_str(), ip) == 1 || inet_pton(AF_INET6, text.c_str(), ip) == 1;
}

bool is_host(const std::string& text) {
  return text.starts_with('/') || is_ip(text);
}

// libpq takes several hosts, split by commas, and tries one after the other.
template <class Good>
bool all(std::string_view list, Good good) {
  for (size_t begin = 0; begin <= list.size();) {
    const size_t end = std::min(list.find(',', begin), list.size());
    if (!good(std::string(list.substr(begin, end - begin)))) return false;
    begin = end + 1;
  }
  return true;
}

}  // namespace

base::Result<void> check_conninfo(std::string_view conninfo) {
  const auto pairs = Parser(conninfo).run();
  if (!pairs || pairs->empty()) return expected("key=value pairs, such as host=/run/postgresql dbname=chatd");
  if (pairs->contains("service")) return expected("the settings themselves, not a service");
  const auto address = pairs->find("hostaddr");
  if (address != pairs->end()) {
    if (!all(address->second, is_ip)) return expected("an IP address as hostaddr");
    return base::ok();
  }
  const auto host = pairs->find("host");
  if (host == pairs->end() || !all(host->second, is_host))
    return expected("host= an IP address or a socket's folder (a name would be looked up, and block)");
  return base::ok();
}

}  // namespace conf
