// See mixed.h.
#include "bench/mixed.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace bench {
namespace {

constexpr int64_t look_again_us = second_us / 10;
constexpr int64_t ask_again_step_us = second_us / 100;

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

// Whether it has a pair of its own.
bool is_paired(size_t user, const Options& options) {
  return user < 2 * options.pairs;
}

// Only processes that have somebody who talks have a lane.
Lane lane_of(const Context& context) {
  const Options& options = context.options;
  std::vector<bool> talks(context.parts);
  for (size_t user = 0; user < options.users; ++user) {
    bool talker = is_paired(user, options);
    for (size_t group = 0; group < options.groups && !talker; ++group)
      talker = is_member(user, group, options);
    if (talker) talks[user % context.parts] = true;
  }
  if (!talks[context.index]) return {};
  const auto own = talks.begin() + static_cast<ptrdiff_t>(context.index);
  return {static_cast<size_t>(std::count(talks.begin(), own, true)),
          static_cast<size_t>(std::count(talks.begin(), talks.end(), true))};
}

}  // namespace

Plan Mixed::plan(const Options& options) {
  Plan plan;
  plan.users = plan.connections = options.users;
  plan.unit = "message";
  plan.sends = true;
  return plan;
}

Mixed::Mixed(Context& context) : Mixed(context, lane_of(context)) {}

Mixed::Mixed(Context& context, Lane lane)
    : Assembly(context, lane, context.options.groups, context.options.members),
      reads_(context.options.history, lane.index, lane.parts),
      random_(static_cast<unsigned>(context.index) + 1) {
  for (size_t user = context.index; user < context.options.users; user += context.parts)
    give_voices(user, add(user, user / context.parts, user));
}

void Mixed::give_voices(size_t user, Client& client) {
  if (is_paired(user, context_.options)) {
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
    if (who.ready() && who.waiting().empty() && silent(who) && reads_nothing(who))
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
  ask_again_us_ = 0;
}

// What has no answer is asked for again.
void Mixed::went(Client& client) {
  Assembly::went(client);
  for (const Request& request : client.waiting())
    if (request.kind == Request::Kind::history) put_off(Read{request.voice, request.due_us});
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
  if (voices().empty()) return never_us;
  if (now >= ask_again_us_) ask_again(now);
  while (reads_.due_us() <= now) {
    const int64_t due = reads_.due_us();
    if (context_.over(due)) return ask_again_us_;
    if (context_.measured(due)) context_.part.add(Count::window_asked);
    ask_history(Read{speaker(reads_.number()).place(), due});
    reads_.advance();
  }
  return std::min(ask_again_us_, reads_.due_us());
}

void Mixed::ask_again(int64_t now) {
  for (const Read& each : std::exchange(later_, {})) {
    if (each.not_before_us <= now)
      ask_history(each);
    else
      later_.push_back(each);
  }
  ask_again_us_ = later_.empty() ? never_us : now + ask_again_step_us;
}

// Who is cut off asks when it is back, and has waited since it was due.
void Mixed::ask_history(const Read& read) {
  Voice& voice = voices()[read.voice];
  if (!voice.client().ready()) return put_off(read);
  Request request;
  request.kind = Request::Kind::history;
  request.due_us = read.due_us;
  request.voice = read.voice;
  voice.client().request(request, "\"op\":\"history\",\"conv\":\"" + voice.to() + "\"");
}

void Mixed::put_off(const Read& read) {
  later_.push_back(read);
  ask_again_us_ = std::min(ask_again_us_, now_us() + ask_again_step_us);
}

bool Mixed::reads_nothing(const Client& client) {
  return std::ranges::none_of(later_,
                              [&](const Read& read) { return &voices()[read.voice].client() == &client; });
}

void Mixed::answered(Client& client, const Request& request, const Frame& frame) {
  if (request.kind != Request::Kind::history) return Assembly::answered(client, request, frame);
  if (passing(frame)) return put_off(Read{request.voice, request.due_us, again_us(frame)});
  if (!context_.measured(request.due_us)) return;
  context_.part.add(Count::window_read);
  if (frame.ok == Frame::Ok::yes) context_.part.record(Latency::history, now_us() - request.due_us);
}

}  // namespace bench
