// See session.h.
#include "worker/session/session.h"

#include "common/base/clock.h"

namespace session {

// Room for one frame of the largest size with its end, and some of the next.
constexpr size_t input_slack = 4096;

Session::Session(loop::Loop& loop, const conf::Settings& settings, uint64_t id, base::Fd fd, OnError on_error,
                 OnAcked on_acked)
    : id_(id),
      settings_(settings),
      on_acked_(std::move(on_acked)),
      stream_(loop, std::move(fd), static_cast<size_t>(settings.max_frame) + input_slack),
      replies_([this](const std::string& frame) { write(frame); }),
      backlog_(static_cast<size_t>(settings.dirty_conversations)),
      scope_(loop, std::move(on_error)) {
  times.accepted = times.heard = base::mono_ms();
}

std::string Session::label() const {
  const std::string whose = identity_ ? " of " + identity_->name : "";
  return "session " + std::to_string(id_) + whose + " from " + network_;
}

void Session::speak(std::unique_ptr<Framing> framing) {
  framing_ = std::move(framing);
  times.accepted = times.heard = base::mono_ms();
}

Framing::Found Session::next_frame() {
  const int64_t now = base::mono_ms();
  const auto found = framing_->next(now);
  if (found.heard) times.heard = now;
  deaf_ = found.status == Framing::Status::ended;
  if (!found.begun)
    times.frame_begun = 0;
  else if (times.frame_begun == 0)
    times.frame_begun = now;
  return found;
}

void Session::end_frames() {
  framing_->end(farewell_ ? std::optional(farewell_->reason) : std::nullopt);
}

void Session::write(const std::string& frame) {
  if (leaving() || !framing_) return;
  framing_->write(frame);
}

void Session::write_message(int64_t conv, int64_t seq, const std::string& event) {
  write(event);
  seen_own(conv, seq);
}

void Session::seen_own(int64_t conv, int64_t seq) {
  if (identity_ && identity_->auto_ack && !leaving()) auto_ack_.mark(stream_.total(), conv, seq);
}

void Session::acknowledge_written() {
  if (!identity_ || stream_.broken()) return;
  auto_ack_.written(stream_.total_written(),
                    [this](int64_t conv, int64_t seq) { on_acked_(identity_->user, conv, seq); });
}

void Session::ask_to_leave(wire::Reason reason, std::optional<int64_t> reconnect_ms) {
  if (!farewell_) farewell_ = Farewell{reason, reconnect_ms};
  stream_.interrupt();
}

void Session::say_goodbye(wire::Reason reason, std::optional<int64_t> reconnect_ms) {
  if (leaving()) return;
  write(wire::closing_event(reason, reconnect_ms));
  goodbye_ = reason;
  stream_.interrupt();
  stream_.drained().wake();
}

}  // namespace session
