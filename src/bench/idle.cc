// See idle.h.
#include "bench/idle.h"

namespace bench {

Plan Idle::plan(const Options& options) {
  Plan plan;
  plan.connections = options.connections;
  plan.users = options.users;
  return plan;
}

Idle::Idle(Context& context) : Crowd(context) {
  for (size_t i = context.index; i < context.options.connections; i += context.parts)
    add(i % context.options.users, i, i);
}

}  // namespace bench
