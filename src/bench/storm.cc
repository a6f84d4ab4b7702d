// See storm.h.
#include "bench/storm.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace bench {

Plan Storm::plan(const Options& options) {
  Plan plan = Pairs::plan(options);
  plan.users += options.users;
  plan.connections += options.connections;
  plan.unit = "login";
  plan.apart = 1;
  return plan;
}

// The pairs have a process of their own: what the crowd costs the load program is not to be seen in them.
Storm::Storm(Context& context) : Pairs(context, context.index == 0 ? Lane{0, 1} : Lane{}), talkers_(size()) {
  if (context.index == 0) return;
  const Options& options = context.options;
  const size_t before = 2 * options.pairs;
  for (size_t i = context.index - 1; i < options.connections; i += context.parts - 1)
    add(before + i % options.users, i, before + i);
  lost_us_.resize(size());
}

void Storm::start(int64_t at_us) {
  Pairs::start(at_us);
  const Options& options = context_.options;
  if (!options.outside) cut_us_ = at_us + std::llround((options.warmup + options.after) * second_us);
}

int64_t Storm::turn(int64_t now) {
  if (now >= cut_us_) cut_off();
  watch(now);
  return std::min(cut_us_, Pairs::turn(now));
}

void Storm::cut_off() {
  cut_us_ = never_us;
  for (size_t i = talkers_; i < size(); ++i)
    if (client(i).ready()) send_away(client(i), 0);
}

// Whether it storms is known by what all processes have lost and do not have back.
void Storm::watch(int64_t now) {
  const bool storms = context_.board.sum(Count::gone) > context_.board.sum(Count::back);
  if (storms && from_us_ == never_us) from_us_ = now;
  if (storms) to_us_ = never_us;
  if (!storms && from_us_ != never_us && to_us_ == never_us) to_us_ = now;
}

void Storm::went(Client& client) {
  Pairs::went(client);
  if (!listens(client)) return;
  context_.part.add(Count::gone);
  lost_us_[client.index()] = now_us();
}

void Storm::came(Client& client) {
  Pairs::came(client);
  if (!listens(client)) return;
  const int64_t lost = std::exchange(lost_us_[client.index()], 0);
  if (lost == 0) return;  // for the first time
  context_.part.add(Count::back);
  context_.part.record(Latency::back, now_us() - lost);
}

void Storm::answered(Client& client, const Request& request, const Frame& frame) {
  Pairs::answered(client, request, frame);
  const bool in_storm = request.due_us < to_us_ && now_us() >= from_us_;
  if (request.kind == Request::Kind::send && frame.ok == Frame::Ok::yes && in_storm)
    context_.part.record(Latency::storm_ok, now_us() - request.due_us);
}

}  // namespace bench
