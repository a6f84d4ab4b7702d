// See places.h.
#include "worker/pg/places.h"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

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

}  // namespace

// libpq takes the last of two equal settings.
std::vector<std::string> places(const std::string& conninfo) {
  std::array<List, 3> lists{{{"host"}, {"hostaddr"}, {"port"}}};
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(
      PQconninfoParse(conninfo.c_str(), nullptr), PQconninfoFree);
  for (const PQconninfoOption* option = options.get(); option != nullptr && option->keyword != nullptr;
       ++option)
    for (List& list : lists)
      if (option->val != nullptr && std::string_view(option->keyword) == list.keyword)
        list.items = split(option->val);
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
