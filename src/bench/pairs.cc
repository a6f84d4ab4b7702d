// See pairs.h.
#include "bench/pairs.h"

namespace bench {

Plan Pairs::plan(const Options& options) {
  Plan plan;
  plan.users = plan.connections = 2 * options.pairs;
  plan.unit = "message";
  plan.sends = true;
  return plan;
}

Pairs::Pairs(Context& context, Lane lane) : Talk(context, lane) {
  const Options& options = context.options;
  if (lane.parts == 0) return;
  for (size_t pair = lane.index; pair < options.pairs; pair += lane.parts) {
    const size_t from_user = 2 * pair;
    const size_t to_user = from_user + 1;
    Client& from = add(from_user, pair, from_user);
    add(to_user, pair + (options.cross ? 1 : 0), to_user);
    give_voice(from, Conversation{"@" + context.users.at(to_user).name, 1, true});
  }
}

}  // namespace bench
