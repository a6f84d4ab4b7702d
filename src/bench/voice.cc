// See voice.h.
#include "bench/voice.h"

#include <algorithm>
#include <utility>

#include "bench/clock.h"
#include "bench/stamp.h"
#include "common/base/text.h"

namespace bench {
namespace {

constexpr int64_t least_retry_ms = 20;

}  // namespace

bool passing(const Frame& frame) {
  return frame.error == "rate_limited" || frame.error == "busy" || frame.error == "unavailable";
}

int64_t again_us(const Frame& frame) {
  return now_us() + std::max(least_retry_ms, frame.retry_ms) * 1000;
}

Voice::Voice(Context& context, Client& client, size_t place, Conversation to)
    : context_(context), client_(client), place_(place), to_(std::move(to)) {}

std::string Voice::text_of(const Message& message) const {
  std::string text;
  append_stamp(text, context_.run, Stamp{message.number, message.due_us}, context_.options.size);
  return text;
}

void Voice::say(int64_t number, int64_t due_us) {
  ++open_;
  context_.part.add(Count::sent);
  const Message message{number, due_us};
  if (context_.journal) context_.journal->sent(client_.name(), to_.name, number, due_us, text_of(message));
  if (context_.measured(due_us)) {
    context_.part.add(Count::window_sent);
    if (context_.options.rate > 0) context_.part.record(Latency::lag, now_us() - due_us);
  }
  if (client_.ready() && later_.empty())
    transmit(message);
  else
    later_.push_back(message);
}

void Voice::transmit(const Message& message) {
  Request request;
  request.kind = Request::Kind::send;
  request.number = message.number;
  request.due_us = message.due_us;
  request.voice = place_;
  thread_local std::string fields;
  fields.assign("\"op\":\"send\",\"to\":\"")
      .append(to_.name)
      .append("\",\"cid\":\"")
      .append(context_.run)
      .append("-");
  fields.append(std::to_string(message.number)).append("\",\"text\":\"");
  append_stamp(fields, context_.run, Stamp{message.number, message.due_us}, context_.options.size);
  fields += '"';
  client_.request(request, fields);
}

void Voice::resume() {
  const std::deque<Message> now = std::exchange(later_, {});
  for (const Message& message : now) transmit(message);
}

void Voice::interrupt() {
  std::deque<Message> again;
  for (const Request& request : client_.waiting())
    if (request.kind == Request::Kind::send && request.voice == place_)
      again.push_back(Message{request.number, request.due_us});
  later_.insert(later_.begin(), again.begin(), again.end());
}

void Voice::record(const Request& request, Record::Kind how, int64_t seq) {
  if (context_.journal) context_.journal->answered(client_.name(), to_.name, request.number, how, seq);
}

bool Voice::answered(const Request& request, const Frame& frame) {
  if (frame.ok == Frame::Ok::yes) {
    accepted(request, frame);
    return true;
  }
  if (passing(frame)) {
    record(request, Record::Kind::put_off, -1);
    retry_us_ = again_us(frame);
    later_.push_back(Message{request.number, request.due_us});
    return false;
  }
  --open_;
  record(request, Record::Kind::refused, -1);
  context_.part.add(Count::failed);
  if (context_.measured(request.due_us)) context_.part.add(Count::window_failed);
  context_.part.note("send refused: " + base::escaped(frame.error) + ": " + base::escaped(frame.detail));
  return true;
}

void Voice::accepted(const Request& request, const Frame& frame) {
  --open_;
  record(request, Record::Kind::ok, frame.seq);
  // What was there before this run has no event that could tell where it begins.
  if (to_.alone && !heard_) client_.assume(to_.name, frame.seq - 1);
  heard_ = true;
  client_.saw_own(to_.name, frame.seq);
  context_.part.add(Count::ok);
  context_.part.add(Count::expected, to_.listeners);
  if (!context_.measured(request.due_us)) return;
  context_.part.add(Count::window_ok);
  context_.part.add(Count::window_expected, to_.listeners);
  context_.part.record(Latency::ok, now_us() - request.due_us);
}

void Voice::retry(int64_t now) {
  if (retry_us_ == 0 || now < retry_us_ || !client_.ready()) return;
  retry_us_ = 0;
  resume();
}

}  // namespace bench
