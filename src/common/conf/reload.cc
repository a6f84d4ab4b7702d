// See reload.h. Which directives these are, the table says.
#include "common/conf/reload.h"

#include "common/conf/directives.h"
#include "common/conf/value.h"

namespace conf {

std::vector<std::string_view> changed_in_vain(const Settings& running, const Settings& fresh) {
  std::vector<std::string_view> names;
  for (const Directive& row : directives())
    if (row.reload == Reload::restart && get(running, row) != get(fresh, row)) names.push_back(row.name);
  return names;
}

}  // namespace conf
