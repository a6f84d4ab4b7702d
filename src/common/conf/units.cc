// See units.h. Both kinds are one table each: the unit's name and what it is worth.
#include "common/conf/units.h"

#include <array>
#include <limits>

#include "common/base/text.h"

namespace conf {
namespace {

struct Unit {
  std::string_view name;
  int64_t worth;
};

// Greatest first: print() takes the first that divides.
constexpr std::array<Unit, 4> sizes{{{"g", 1 << 30}, {"m", 1 << 20}, {"k", 1 << 10}, {"", 1}}};
constexpr std::array<Unit, 4> times{{{"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};

template <size_t N>
std::optional<int64_t> parse(std::string_view text, const std::array<Unit, N>& units) {
  const size_t end = text.find_first_not_of("0123456789");
  const std::string_view digits = text.substr(0, end);
  const std::string_view suffix = end == text.npos ? std::string_view() : text.substr(end);
  const std::optional<int64_t> number = base::to_int(digits);
  if (!number) return std::nullopt;
  for (const Unit& unit : units) {
    if (unit.name != suffix) continue;
    if (*number > std::numeric_limits<int64_t>::max() / unit.worth) return std::nullopt;
    return *number * unit.worth;
  }
  return std::nullopt;
}

template <size_t N>
std::string print(int64_t value, const std::array<Unit, N>& units) {
  if (value == 0) return "0";
  for (const Unit& unit : units)
    if (value % unit.worth == 0) return std::to_string(value / unit.worth) + std::string(unit.name);
  return std::to_string(value);
}

}  // namespace

std::optional<int64_t> parse_size(std::string_view text) {
  return parse(text, sizes);
}

std::optional<int64_t> parse_time(std::string_view text) {
  if (text == "0") return 0;
  return parse(text, times);
}

std::string print_size(int64_t bytes) {
  return print(bytes, sizes);
}
std::string print_time(int64_t ms) {
  return print(ms, times);
}

}  // namespace conf
