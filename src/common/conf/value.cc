// See value.h. Each kind has one parse_*(); numbers share their range check.
#include "common/conf/value.h"

#include <algorithm>
#include <array>
#include <optional>

#include "common/base/text.h"
#include "common/conf/address.h"
#include "common/conf/conninfo.h"
#include "common/conf/expected.h"
#include "common/conf/units.h"

namespace conf {
namespace {

constexpr std::array<std::string_view, 8> levels = {"emerg", "alert",  "crit", "error",
                                                    "warn",  "notice", "info", "debug"};

std::string but_not(std::string_view word) {
  return ", not \"" + base::escaped(word.substr(0, 64)) + "\"";
}

// The same complaint, with what was there instead.
base::Error with(base::Error error, std::string_view word) {
  error.detail += but_not(word);
  return error;
}

std::string print_number(Kind kind, int64_t number) {
  if (kind == Kind::size) return print_size(number);
  if (kind == Kind::time || kind == Kind::seconds) return print_time(number);
  return std::to_string(number);
}

std::string number_form(const Directive& row) {
  const std::string range =
      " from " + print_number(row.kind, row.least) + " to " + print_number(row.kind, row.most);
  if (row.kind == Kind::size) return "a size (units k, m, g)" + range;
  if (row.kind == Kind::time) return "a time (units ms, s, m, h)" + range;
  if (row.kind == Kind::seconds) return "a time of whole seconds (units s, m, h)" + range;
  return (row.kind == Kind::auto_or_integer ? "auto or a whole number" : "a whole number") + range;
}

base::Result<Value> parse_number(const Directive& row, const std::string& word) {
  if (row.kind == Kind::auto_or_integer && word == "auto") return Value::of(int64_t{0});
  std::optional<int64_t> number;
  if (row.kind == Kind::size)
    number = parse_size(word);
  else if (row.kind == Kind::time || row.kind == Kind::seconds)
    number = parse_time(word);
  else
    number = base::to_int(word);
  const bool whole = row.kind != Kind::seconds || (number && *number % 1000 == 0);
  if (!number || !whole || *number < row.least || *number > row.most)
    return expected(number_form(row) + but_not(word));
  return Value::of(*number);
}

base::Result<Value> parse_flag(const std::string& word) {
  if (word == "true" || word == "yes" || word == "on") return Value::of(true);
  if (word == "false" || word == "no" || word == "off") return Value::of(false);
  return expected("true or false" + but_not(word));
}

bool is_node(std::string_view word) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789_.-";
  return !word.empty() && word.size() <= 32 && word.find_first_not_of(letters) == word.npos;
}

base::Result<Value> parse_networks(const Directive& row, const std::vector<std::string>& words) {
  if (words.empty() || words.size() > static_cast<size_t>(row.most))
    return expected("{ \"NETWORK\", ... } with at least one network");
  for (const std::string& word : words)
    if (base::Result<Cidr> network = parse_cidr(word); !network) return with(network.error(), word);
  return Value::of(words);
}

// As browsers write it: scheme, host and, where it is not the scheme's own, port.
bool is_origin(std::string_view word) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789.-:[]";
  const size_t scheme = word.starts_with("https://") ? 8 : word.starts_with("http://") ? 7 : 0;
  const std::string_view host = word.substr(scheme);
  return scheme > 0 && !host.empty() && host.find_first_not_of(letters) == host.npos;
}

base::Result<Value> parse_origins(const Directive& row, const std::vector<std::string>& words) {
  if (words.size() > static_cast<size_t>(row.most))
    return expected("at most " + std::to_string(row.most) + " origins");
  for (const std::string& word : words)
    if (!is_origin(word)) return expected("origins as in \"https://chat.example.org\"" + but_not(word));
  return Value::of(words);
}

base::Result<Value> parse_text(const Directive& row, const std::string& word) {
  switch (row.kind) {
    case Kind::node:
      if (!is_node(word)) return expected("1 to 32 of a-z 0-9 _ . -" + but_not(word));
      break;
    case Kind::path:
      if (!word.empty() && word[0] != '/') return expected("an absolute path" + but_not(word));
      break;
    case Kind::log_target:
      if (word != "stderr" && !word.starts_with('/'))
        return expected("stderr or an absolute path" + but_not(word));
      break;
    case Kind::log_level:
      if (std::find(levels.begin(), levels.end(), word) == levels.end())
        return expected("emerg, alert, crit, error, warn, notice, info or debug" + but_not(word));
      break;
    case Kind::address:
      if (word.empty()) break;
      if (base::Result<Address> address = parse_address(word); !address) return with(address.error(), word);
      break;
    case Kind::conninfo:
      if (base::Result<void> good = check_conninfo(word); !good) return good.error();
      [[fallthrough]];
    default:
      if (word.size() > static_cast<size_t>(row.most))
        return expected("at most " + std::to_string(row.most) + " bytes");
  }
  return Value::of(word);
}

std::string print_list(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) (list += list.empty() ? "" : ", ") += quote(word);
  return list.empty() ? "{ }" : "{ " + list + " }";
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(' ', begin), text.size());
    words.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

}  // namespace

base::Result<Value> parse_value(const Directive& row, const std::vector<std::string>& words) {
  if (row.kind == Kind::networks) return parse_networks(row, words);
  if (row.kind == Kind::origins) return parse_origins(row, words);
  if (words.size() != 1) return expected("one value");
  switch (row.kind) {
    case Kind::flag:
      return parse_flag(words[0]);
    case Kind::integer:
    case Kind::auto_or_integer:
    case Kind::size:
    case Kind::time:
    case Kind::seconds:
      return parse_number(row, words[0]);
    default:
      return parse_text(row, words[0]);
  }
}

Value fallback_value(const Directive& row) {
  if (is_list(row.kind)) return Value::of(split(row.fallback));
  if (row.fallback.empty()) return Value::of(std::string());
  return *parse_value(row, {std::string(row.fallback)});
}

std::string quote(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\' || c == '$') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string print_value(const Directive& row, const Value& value) {
  switch (row.kind) {
    case Kind::flag:
      return value.flag ? "true" : "false";
    case Kind::integer:
    case Kind::auto_or_integer:
    case Kind::size:
    case Kind::time:
    case Kind::seconds:
      if (row.kind == Kind::auto_or_integer && value.number == 0) return "auto";
      return print_number(row.kind, value.number);
    case Kind::networks:
    case Kind::origins:
      return print_list(value.list);
    default:
      return quote(value.text);
  }
}

// REQUIRES, both: a row with a member; std::get throws otherwise, which is a bug.
Value get(const Settings& settings, const Directive& row) {
  if (const auto* flag = std::get_if<bool Settings::*>(&row.member)) return Value::of(settings.**flag);
  if (const auto* number = std::get_if<int64_t Settings::*>(&row.member)) return Value::of(settings.**number);
  if (const auto* text = std::get_if<std::string Settings::*>(&row.member)) return Value::of(settings.**text);
  return Value::of(settings.*std::get<std::vector<std::string> Settings::*>(row.member));
}

void set(Settings& settings, const Directive& row, Value value) {
  if (const auto* flag = std::get_if<bool Settings::*>(&row.member))
    settings.** flag = value.flag;
  else if (const auto* number = std::get_if<int64_t Settings::*>(&row.member))
    settings.** number = value.number;
  else if (const auto* text = std::get_if<std::string Settings::*>(&row.member))
    settings.** text = std::move(value.text);
  else
    settings.*std::get<std::vector<std::string> Settings::*>(row.member) = std::move(value.list);
}

}  // namespace conf
