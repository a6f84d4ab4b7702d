// Names: the users and conversations of a run as small numbers, which is what the record of a run holds. It
// speaks with nobody; what is not of this run is `nobody`.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "bench/users.h"

namespace bench {

constexpr int32_t nobody = -1;

// Two users, the lower number first; or a group: `nobody` and its number in the run.
struct Conv {
  int32_t low = nobody;
  int32_t high = nobody;

  bool is_group() const { return low == nobody; }
  bool known() const { return high != nobody; }
  auto operator<=>(const Conv&) const = default;
};

// The name of a run's group, with its mark.
std::string group_name(std::string_view run, size_t number);

class Names {
 public:
  // Both outlive it.
  Names(const Users& users, const std::string& run);

  int32_t user(std::string_view name) const;
  static Conv direct(int32_t one, int32_t other);
  Conv group(std::string_view name) const;
  // "@name" or "#group", as `me` says it; or as it stands in a message of `me`.
  Conv conversation(int32_t me, std::string_view place) const;

  std::string of(int32_t user) const;
  std::string of(Conv conv) const;

 private:
  const Users& users_;
  const std::string& run_;
  std::unordered_map<std::string_view, int32_t> numbers_;
};

}  // namespace bench
