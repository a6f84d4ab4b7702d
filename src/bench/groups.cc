// See groups.h.
#include "bench/groups.h"

#include <cmath>
#include <utility>

namespace bench {

Plan Groups::plan(const Options& options) {
  Plan plan;
  plan.users = plan.connections = options.members;
  plan.unit = "message";
  plan.sends = true;
  constexpr double slack = 1000;  // numbers run ahead in one process or another
  plan.spreads = static_cast<size_t>(std::ceil(options.rate * (options.warmup + options.seconds) + slack));
  return plan;
}

Groups::Groups(Context& context)
    : Assembly(context, context.lane(context.options.members), 1, context.options.members) {
  for (size_t i = context.index; i < context.options.members; i += context.parts)
    put_into(add(i, i / context.parts, i), 0);
}

void Groups::reached(int64_t number, int64_t latency_us) {
  const auto spreads = context_.board.spreads();
  if (std::cmp_less(number, spreads.size())) spreads[static_cast<size_t>(number)].reach(latency_us);
}

}  // namespace bench
