// See names.h.
#include "bench/names.h"

#include <algorithm>

#include "common/base/text.h"

namespace bench {

std::string group_name(std::string_view run, size_t number) {
  return "#" + std::string(run) + "-" + std::to_string(number);
}

Names::Names(const Users& users, const std::string& run) : users_(users), run_(run) {
  for (size_t i = 0; i < users.size(); ++i) numbers_.emplace(users[i].name, static_cast<int32_t>(i));
}

int32_t Names::user(std::string_view name) const {
  const auto found = numbers_.find(name);
  return found == numbers_.end() ? nobody : found->second;
}

Conv Names::direct(int32_t one, int32_t other) {
  if (one == nobody || other == nobody) return {};
  return Conv{std::min(one, other), std::max(one, other)};
}

Conv Names::group(std::string_view name) const {
  const std::string first = group_name(run_, 0);
  const size_t prefix = first.size() - 1;
  if (!name.starts_with(std::string_view(first).substr(0, prefix))) return {};
  const auto number = base::to_int(name.substr(prefix));
  return number ? Conv{nobody, static_cast<int32_t>(*number)} : Conv{};
}

Conv Names::conversation(int32_t me, std::string_view place) const {
  if (place.starts_with('#')) return group(place);
  return place.starts_with('@') ? direct(me, user(place.substr(1))) : Conv{};
}

std::string Names::of(int32_t user) const {
  return user == nobody ? "a stranger" : "@" + users_.at(static_cast<size_t>(user)).name;
}

std::string Names::of(Conv conv) const {
  if (!conv.known()) return "a conversation of others";
  if (conv.is_group()) return group_name(run_, static_cast<size_t>(conv.high));
  return of(conv.low) + " and " + of(conv.high);
}

}  // namespace bench
