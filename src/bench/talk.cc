// See talk.h.
#include "bench/talk.h"

#include <algorithm>
#include <utility>

#include "bench/stamp.h"

namespace bench {
namespace {

constexpr int64_t retry_step_us = second_us / 100;

}  // namespace

Talk::Talk(Context& context)
    : Crowd(context), schedule_(context.options.rate, context.index, context.parts) {}

void Talk::give_voice(Client& client, Conversation to) {
  voice_of_.resize(std::max(voice_of_.size(), client.index() + 1), silent);
  voice_of_[client.index()] = voices_.size();
  voices_.emplace_back(context_, client, std::move(to));
}

Voice* Talk::voice_of(const Client& client) {
  const size_t index = client.index();
  return index < voice_of_.size() && voice_of_[index] != silent ? &voices_[voice_of_[index]] : nullptr;
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
  if (!schedule_.open()) {
    if (!begun_ && now >= start_us_) begin(now);
    return begun_ ? due : std::min(due, start_us_);
  }
  while (schedule_.due_us() <= now && !voices_.empty()) {
    if (context_.over(schedule_.due_us())) return due;
    say_next(voices_[schedule_.turn() % voices_.size()], schedule_.due_us());
  }
  return std::min(due, schedule_.due_us());
}

void Talk::answered(Client& client, const Request& request, const Frame& frame) {
  Voice* const voice = voice_of(client);
  if (request.kind != Request::Kind::send || voice == nullptr) return;
  if (!voice->answered(request, frame) || schedule_.open()) return;
  const int64_t now = now_us();
  if (!context_.over(now)) say_next(*voice, now);
}

void Talk::heard(Client& client, const Frame& frame, bool fresh) {
  const auto stamp = read_stamp(frame.text, context_.run);
  if (context_.journal) context_.journal->delivered(client.name(), frame, stamp ? stamp->number : -1);
  if (!stamp) return;                       // what was left of another run
  if (frame.from == client.name()) return;  // one's own, whose reply was lost: not delivered to anybody
  if (!fresh) return context_.part.add(Count::repeated);
  last_seq_.resize(std::max(last_seq_.size(), size()), 0);
  int64_t& last = last_seq_[client.index()];
  if (frame.seq < last) context_.part.add(Count::disordered);
  last = std::max(last, frame.seq);
  context_.part.add(Count::delivered);
  if (!context_.measured(stamp->due_us)) return;
  const int64_t latency = now_us() - stamp->due_us;
  context_.part.add(Count::window_delivered);
  context_.part.record(Latency::delivery, latency);
  reached(stamp->number, latency);
}

void Talk::came(Client& client) {
  if (Voice* voice = voice_of(client)) voice->resume();
}

void Talk::went(Client& client) {
  if (Voice* voice = voice_of(client)) voice->interrupt();
}

}  // namespace bench
