// See places.h.
#include "worker/pg/places.h"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "common/base/text.h"

namespace pg {
namespace {

struct List {
  const char* keyword;
  std::vector<std::string> items{};
};

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> items;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    items.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return items;
}

std::string quoted(const std::string& value) {
  std::string out;
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return "'" + out + "'";
}

using Lists = std::array<List, 3>;

// Takes the options, which may be null.
Lists read_lists(PQconninfoOption* parsed) {
  Lists lists{{{"host"}, {"hostaddr"}, {"port"}}};
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(parsed, PQconninfoFree);
  for (const PQconninfoOption* option = parsed; option != nullptr && option->keyword != nullptr; ++option)
    for (List& list : lists)
      if (option->val != nullptr && std::string_view(option->keyword) == list.keyword)
        list.items = split(option->val);
  return lists;
}

bool is_port(const std::string& text) {
  const auto port = base::to_int(text);
  return text.empty() || (port && *port >= 1 && *port <= 65535);  // empty: the default
}

}  // namespace

std::string conninfo_problem(const std::string& conninfo) {
  char* why = nullptr;
  PQconninfoOption* const parsed = PQconninfoParse(conninfo.c_str(), &why);
  if (parsed == nullptr) {
    // The only thing that conf's own look lets pass: a key that is none.
    const std::string detail = why != nullptr ? why : "no memory";
    PQfreemem(why);
    return "keys that libpq knows: " + detail.substr(0, detail.find('\n'));
  }
  const Lists lists = read_lists(parsed);
  const auto& [hosts, addresses, ports] = lists;
  const size_t count = std::max(hosts.items.size(), addresses.items.size());
  if (!std::ranges::all_of(ports.items, is_port)) return "port to be 1 to 65535";
  if (ports.items.size() > 1 && ports.items.size() != count) return "one port, or one for each host";
  if (!hosts.items.empty() && !addresses.items.empty() && hosts.items.size() != addresses.items.size())
    return "as many hostaddr as host";
  return {};
}

// libpq takes the last of two equal settings.
std::vector<std::string> places(const std::string& conninfo) {
  const Lists lists = read_lists(PQconninfoParse(conninfo.c_str(), nullptr));
  const size_t count = std::max(lists[0].items.size(), lists[1].items.size());
  // One port goes for all of them.
  const auto fits = [count](const List& list) {
    return list.items.size() == count || list.items.empty() ||
           (list.items.size() == 1 && std::string_view(list.keyword) == "port");
  };
  if (count < 2 || !std::ranges::all_of(lists, fits)) return {conninfo};
  std::vector<std::string> out(count, conninfo);
  for (const List& list : lists)
    for (size_t i = 0; list.items.size() == count && i < count; ++i)
      out[i] += std::string(" ") + list.keyword + "=" + quoted(list.items[i]);
  return out;
}

}  // namespace pg
