// See talk.h.
#include "bench/talk.h"

#include <algorithm>
#include <utility>

#include "bench/stamp.h"

namespace bench {
namespace {

constexpr int64_t retry_step_us = second_us / 100;

}  // namespace

Talk::Talk(Context& context, Lane lane)
    : Crowd(context), schedule_(context.options.rate, lane.index, lane.parts) {}

void Talk::give_voice(Client& client, Conversation to) {
  voices_of_.resize(std::max(voices_of_.size(), client.index() + 1));
  voices_of_[client.index()].push_back(voices_.size());
  voices_.emplace_back(context_, client, voices_.size(), std::move(to));
}

bool Talk::silent(const Client& client) const {
  if (client.index() >= voices_of_.size()) return true;
  return std::ranges::all_of(voices_of_[client.index()], [this](size_t i) { return voices_[i].silent(); });
}

void Talk::start(int64_t at_us) {
  start_us_ = at_us;
  schedule_.start(at_us);
}

void Talk::say_next(Voice& voice, int64_t due_us) {
  const int64_t number = schedule_.number();
  schedule_.advance();
  voice.say(number, due_us);
}

// The closed loop's first sends.
void Talk::begin(int64_t now) {
  begun_ = true;
  for (Voice& voice : voices_)
    for (size_t i = 0; i < context_.options.inflight; ++i) say_next(voice, now);
}

void Talk::retry(int64_t now) {
  retry_us_ = now + retry_step_us;
  for (Voice& voice : voices_) voice.retry(now);
}

int64_t Talk::turn(int64_t now) {
  const int64_t due = Crowd::turn(now);
  if (now >= retry_us_) retry(now);
  if (voices_.empty()) return due;
  if (!schedule_.open()) {
    if (!begun_ && now >= start_us_) begin(now);
    return begun_ ? due : std::min(due, start_us_);
  }
  while (schedule_.due_us() <= now) {
    if (context_.over(schedule_.due_us())) return due;
    say_next(speaker(schedule_.number()), schedule_.due_us());
  }
  return std::min(due, schedule_.due_us());
}

void Talk::answered(Client&, const Request& request, const Frame& frame) {
  if (request.kind != Request::Kind::send) return;
  Voice& voice = voices_[request.voice];
  if (!voice.answered(request, frame) || schedule_.open()) return;
  const int64_t now = now_us();
  if (!context_.over(now)) say_next(voice, now);
}

// What was due while its receiver was away has taken as long as that was there again.
void Talk::heard(Client& client, const Frame& frame, bool fresh) {
  const auto stamp = read_stamp(frame.text, context_.run);
  const int64_t took = stamp ? now_us() - std::max(stamp->due_us, since_us(client)) : 0;
  if (context_.journal) context_.journal->delivered(client.name(), frame, stamp ? stamp->number : -1, took);
  if (!stamp) return;                       // what was left of another run
  if (frame.from == client.name()) return;  // one's own, whose reply was lost: not delivered to anybody
  if (!fresh) return context_.part.add(Count::repeated);
  judge_order(client, frame);
  context_.part.add(Count::delivered);
  if (!context_.measured(stamp->due_us)) return;
  context_.part.add(Count::window_delivered);
  context_.part.record(Latency::delivery, took);
  reached(stamp->number, took);
}

void Talk::judge_order(const Client& client, const Frame& frame) {
  last_seq_.resize(std::max(last_seq_.size(), size()));
  const std::string_view place = frame.to.starts_with('#') ? frame.to : frame.from;
  int64_t& last = last_seq_[client.index()][std::string(place)];
  if (frame.seq < last) context_.part.add(Count::disordered);
  last = std::max(last, frame.seq);
}

void Talk::came(Client& client) {
  if (client.index() < voices_of_.size())
    for (const size_t i : voices_of_[client.index()]) voices_[i].resume();
}

void Talk::went(Client& client) {
  if (client.index() < voices_of_.size())
    for (const size_t i : voices_of_[client.index()]) voices_[i].interrupt();
}

}  // namespace bench
