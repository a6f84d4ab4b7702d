// See reload.h. Which directive is which, the table says.
#include "common/conf/reload.h"

#include <algorithm>

#include "common/conf/directives.h"
#include "common/conf/value.h"

namespace conf {
namespace {

bool same(const Listen& a, const Listen& b) {
  return a.address == b.address && a.proxy == b.proxy && a.backlog == b.backlog;
}

}  // namespace

Reloaded reload(const Settings& running, Settings fresh) {
  Reloaded out{std::move(fresh), {}};
  Settings& settings = out.settings;
  for (const Directive& row : directives()) {
    if (row.reload != Reload::restart || std::holds_alternative<std::monostate>(row.member)) continue;
    const Value kept = get(running, row);
    if (kept == get(settings, row)) continue;
    out.restart.emplace_back(row.name);
    set(settings, row, kept);
  }
  if (!std::equal(running.listen.begin(), running.listen.end(), settings.listen.begin(),
                  settings.listen.end(), same))
    out.restart.emplace_back("listen");
  settings.listen = running.listen;
  return out;
}

}  // namespace conf
