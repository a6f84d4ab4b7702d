// The table of scenarios.
#include "bench/scenario.h"

#include <array>

#include "bench/groups.h"
#include "bench/idle.h"
#include "bench/logins.h"
#include "bench/mixed.h"
#include "bench/pairs.h"
#include "bench/storm.h"

namespace bench {
namespace {

template <class S>
std::unique_ptr<Scenario> make(Context& context) {
  return std::make_unique<S>(context);
}

constexpr std::array<Kind, 7> kinds = {{
    {"groups", Groups::plan, make<Groups>},
    {"idle", Idle::plan, make<Idle>},
    {"latency", Pairs::plan, make<Pairs>},
    {"login", Logins::plan, make<Logins>},
    {"mixed", Mixed::plan, make<Mixed>},
    {"pairs", Pairs::plan, make<Pairs>},
    {"storm", Storm::plan, make<Storm>},
}};

}  // namespace

const Kind* find_scenario(std::string_view name) {
  for (const Kind& kind : kinds)
    if (kind.name == name) return &kind;
  return nullptr;
}

}  // namespace bench
