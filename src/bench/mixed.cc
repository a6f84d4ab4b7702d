// See mixed.h.
#include "bench/mixed.h"

#include <algorithm>
#include <cmath>

namespace bench {
namespace {

constexpr int64_t look_again_us = second_us / 10;

// Whether message `number` goes to a group: the same share in each process, whichever numbers it deals out.
bool to_group(int64_t number, double percent) {
  constexpr uint64_t spread = 0x9e3779b97f4a7c15;
  constexpr int bits = 20;
  const uint64_t chance = static_cast<uint64_t>(number) * spread >> (64 - bits);
  return static_cast<double>(chance) * 100 < percent * (1 << bits);
}

// The first user is in every group, for it makes them; of the others each group has a run.
bool is_member(size_t user, size_t group, const Options& options) {
  if (user == 0) return true;
  const size_t others = options.users - 1;
  const size_t first = group * others / options.groups;
  return (user - 1 + others - first) % others < options.members - 1;
}

}  // namespace

Plan Mixed::plan(const Options& options) {
  Plan plan;
  plan.users = plan.connections = options.users;
  plan.unit = "message";
  plan.sends = true;
  return plan;
}

Mixed::Mixed(Context& context)
    : Assembly(context, context.options.groups, context.options.members),
      reads_(context.options.history, context.index, context.parts),
      random_(static_cast<unsigned>(context.index) + 1) {
  for (size_t user = context.index; user < context.options.users; user += context.parts)
    give_voices(user, add(user, user / context.parts, user));
}

void Mixed::give_voices(size_t user, Client& client) {
  if (user < 2 * context_.options.pairs) {
    pair_voices_.push_back(voices().size());
    give_voice(client, Conversation{"@" + context_.users.at(user ^ 1).name, 1});
  }
  for (size_t group = 0; group < context_.options.groups; ++group) {
    if (!is_member(user, group, context_.options)) continue;
    group_voices_.push_back(voices().size());
    put_into(client, group);
  }
}

void Mixed::start(int64_t at_us) {
  Assembly::start(at_us);
  reads_.start(at_us);
  started_ = true;
  for (size_t i = 0; i < size(); ++i) leaving_.emplace(later(at_us, context_.options.stay), i);
}

int64_t Mixed::later(int64_t now, double mean_seconds) {
  if (mean_seconds <= 0) return now;
  return now + std::llround(std::exponential_distribution<double>(1 / mean_seconds)(random_) * second_us);
}

// At the end everybody comes, to get what waits.
int64_t Mixed::turn(int64_t now) {
  if (!started_) return Assembly::turn(now);
  if (context_.over(now) && !over_) {
    over_ = true;
    leaving_.clear();
    call_back();
  }
  const int64_t next = std::min(leave(now), read(now));
  return std::min(next, Assembly::turn(now));
}

// Who waits for an answer stays until it is there.
int64_t Mixed::leave(int64_t now) {
  while (!leaving_.empty() && leaving_.begin()->first <= now) {
    const size_t index = leaving_.begin()->second;
    leaving_.erase(leaving_.begin());
    Client& who = client(index);
    if (who.ready() && who.waiting().empty() && silent(who))
      send_away(who, later(now, context_.options.away));
    else
      leaving_.emplace(now + look_again_us, index);
  }
  return leaving_.empty() ? never_us : leaving_.begin()->first;
}

// Back from being away, not from being cut off.
void Mixed::came(Client& client) {
  Assembly::came(client);
  if (returned(client) && !over_) leaving_.emplace(later(now_us(), context_.options.stay), client.index());
}

// Somebody who is here, or would be.
Voice& Mixed::speaker(int64_t number) {
  const bool group = to_group(number, context_.options.group_share);
  const auto& wanted = group ? group_voices_ : pair_voices_;
  const auto& from = wanted.empty() ? (group ? pair_voices_ : group_voices_) : wanted;
  const size_t first = std::uniform_int_distribution<size_t>(0, from.size() - 1)(random_);
  for (size_t i = 0; i < from.size(); ++i)
    if (Voice& voice = voices()[from[(first + i) % from.size()]]; !away(voice.client())) return voice;
  return voices()[from[first]];
}

int64_t Mixed::read(int64_t now) {
  while (reads_.due_us() <= now && !voices().empty()) {
    const int64_t due = reads_.due_us();
    if (context_.over(due)) return never_us;
    ask_history(speaker(reads_.number()), due);
    reads_.advance();
  }
  return reads_.due_us();
}

void Mixed::ask_history(Voice& voice, int64_t due_us) {
  if (!voice.client().ready()) return;
  Request request;
  request.kind = Request::Kind::history;
  request.due_us = due_us;
  voice.client().request(request, "\"op\":\"history\",\"conv\":\"" + voice.to() + "\"");
}

void Mixed::answered(Client& client, const Request& request, const Frame& frame) {
  if (request.kind != Request::Kind::history) return Assembly::answered(client, request, frame);
  if (frame.ok == Frame::Ok::yes && context_.measured(request.due_us))
    context_.part.record(Latency::history, now_us() - request.due_us);
}

}  // namespace bench
