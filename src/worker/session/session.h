// Session: one connection, who it is, and what it is owed.
//
// Owned by the registry; dies at the loop's top. It gathers the pieces (stream, replies, backlog, acks) and
// keeps their order; what it says and does is decided above, in handler/, delivery/ and serve/. Its scope
// holds the coroutines that read for it: they end with it. What writes for it belongs to the worker.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/conf/settings.h"
#include "common/loop/scope.h"
#include "worker/net/stream.h"
#include "worker/session/auto_ack.h"
#include "worker/session/backlog.h"
#include "worker/session/framing.h"
#include "worker/session/replies.h"
#include "worker/wire/event.h"

namespace session {

// Who has logged in.
struct Identity {
  int64_t user = 0;
  std::string name{};
  std::string token_digest{};
  int64_t since = 0;   // the store's clock when it was accepted, Unix µs
  int64_t issued = 0;  // … when its token was issued: a revocation means those before it
  bool auto_ack = false;
  int64_t backlog_limit = -1;  // messages per conversation; -1: all
};

class Session {
 public:
  using OnError = loop::Scope::OnError;
  // on_acked: what auto_ack acknowledges.
  using OnAcked = std::function<void(int64_t user, int64_t conv, int64_t seq)>;

  Session(loop::Loop& loop, const conf::Settings& settings, uint64_t id, base::Fd fd, OnError on_error,
          OnAcked on_acked);
  Session(const Session&) = delete;

  uint64_t id() const { return id_; }
  net::Stream& stream() { return stream_; }
  Replies& replies() { return replies_; }
  Backlog& backlog() { return backlog_; }
  loop::Scope& scope() { return scope_; }

  // Whose limits it shares: conf::client_network() of the client.
  const std::string& network() const { return network_; }
  void came_from(std::string network) { network_ = std::move(network); }

  const std::optional<Identity>& identity() const { return identity_; }
  // For the log: which session, whose, and from where.
  std::string label() const;
  void logged_in(Identity identity) { identity_ = std::move(identity); }
  // Its token counts as issued at this time: revocations up to then do not mean it. REQUIRES: logged in.
  void issued_anew(int64_t at) { identity_->issued = at; }

  // How frames lie in the bytes from here on. Before it is said, none is read and none is written.
  void speak(std::unique_ptr<Framing> framing);

  // What has arrived. frame: valid until the next call; more: wait for stream().arrived().
  // REQUIRES, both: speak() was called.
  Framing::Found next_frame();
  // The peer neither says nor hears anything more, though its connection stands.
  bool deaf() const { return deaf_; }
  // The framing's own last word, if it has one, after everything else.
  void end_frames();

  // One frame out. After say_goodbye() nothing more is written.
  void write(const std::string& frame);
  // A message event: counted for auto_ack.
  void write_message(int64_t conv, int64_t seq, const std::string& event);
  // The session's own message has passed: everything up to it has been sent or is its own.
  void seen_own(int64_t conv, int64_t seq);
  // Past the limit: not pushed to, and no requests are read, until half of it has drained.
  bool clogged() const { return stream_.queued() > static_cast<size_t>(settings_.output_limit); }
  bool has_room() const { return stream_.queued() <= static_cast<size_t>(settings_.output_limit) / 2; }

  // `closing`, and nothing after it. The first reason counts.
  void say_goodbye(wire::Reason reason, std::optional<int64_t> reconnect_ms = std::nullopt);
  bool leaving() const { return goodbye_.has_value(); }
  // What was said, if anything was: else the peer has gone by itself.
  const std::optional<wire::Reason>& goodbye() const { return goodbye_; }
  // Asked to say goodbye once the requests it has read are answered.
  void ask_to_leave(wire::Reason reason, std::optional<int64_t> reconnect_ms);
  struct Farewell {
    wire::Reason reason;
    std::optional<int64_t> reconnect_ms;
  };
  const std::optional<Farewell>& farewell() const { return farewell_; }

  // Woken when a request is settled, and when a login's backlog has been sent.
  loop::Signal& settled() { return settled_; }

  // Called about once a second, and whenever the kernel took output: acknowledges what has left.
  void acknowledge_written();

  // Times by the monotonic clock, for the sweep. The sweep decides; nothing here has a timer of its own.
  struct Times {
    int64_t accepted = 0;
    int64_t heard = 0;        // the last complete frame
    int64_t frame_begun = 0;  // an unfinished frame's first byte; 0: none
    int64_t clogged = 0;      // since when too much waits for the peer to take it; 0: it does not
  } times;

 private:
  const uint64_t id_;
  const conf::Settings& settings_;
  OnAcked on_acked_;
  net::Stream stream_;
  std::unique_ptr<Framing> framing_;
  Replies replies_;
  Backlog backlog_;
  AutoAck auto_ack_;
  std::string network_;
  std::optional<Identity> identity_;
  std::optional<Farewell> farewell_;
  std::optional<wire::Reason> goodbye_;
  bool deaf_ = false;
  loop::Signal settled_;
  loop::Scope scope_;  // last: its coroutines use all of the above
};

}  // namespace session
