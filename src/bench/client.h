// Client: one session of the load: greeting, login, requests in order, keepalive, acknowledgements. What it
// sees it tells its Listener, which decides what to do; it starts nothing by itself but a ping.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "bench/clock.h"
#include "bench/frame.h"
#include "bench/link.h"
#include "client/seen.h"

namespace bench {

class Client;

// A request that waits for its reply; replies come in the order of the requests.
struct Request {
  enum class Kind : uint8_t { login, ping, enrol, group, history, send };

  Kind kind = Kind::ping;
  int64_t id = 0;
  int64_t number = 0;  // send: of the message in this run
  int64_t due_us = 0;  // send, history: when it was due
  size_t voice = 0;    // send, history: whose
};

class Listener {
 public:
  virtual ~Listener() = default;
  // Connected and greeted: now it may log in.
  virtual void on_greeted(Client& client) = 0;
  // Logged in, and what waited has come.
  virtual void on_ready(Client& client) = 0;
  // A reply to any request; `login` too.
  virtual void on_reply(Client& client, const Request& request, const Frame& frame) = 0;
  // A message that this client sees for the first time. `fresh` is false where it came again.
  virtual void on_message(Client& client, const Frame& frame, bool fresh) = 0;
  // It acknowledges everything up to `seq`.
  virtual void on_ack(Client&, const std::string&, int64_t) {}
  // An `ack` was refused; accepted ones have no reply.
  virtual void on_ack_refused(Client&, const Frame&) {}
  // The connection is gone; ready() and waiting() still are as they were.
  virtual void on_lost(Client& client, const std::string& why) = 0;
  // A frame that can't be: no JSON, a reply out of order.
  virtual void on_nonsense(Client& client, std::string_view line) = 0;
};

// Who acknowledges what has arrived.
enum class AckMode : uint8_t { client, server, nobody };

class Client : public Link {
 public:
  Client(Poller& poller, Listener& listener, size_t index, std::string name, AckMode ack)
      : Link(poller), listener_(listener), index_(index), name_(std::move(name)), ack_(ack) {}

  void open(const Route& route);
  void close();
  // A ping at the latest after this time of silence, if the server does not want it earlier.
  void ping_after(int64_t us) { silence_us_ = us; }

  // Its place in its owner's list.
  size_t index() const { return index_; }
  const std::string& name() const { return name_; }
  bool logged_in() const { return stage_ >= Stage::syncing; }
  bool ready() const { return stage_ == Stage::ready; }
  const std::deque<Request>& waiting() const { return waiting_; }
  // How long the server wants a lost client to stay away; -1: it did not say.
  int64_t stay_away_ms() const { return stay_away_ms_; }

  void login_by_token(std::string_view token);
  void login_by_password(std::string_view password);
  // `fields` is the request without its braces and its id: "op":"ping".
  void request(const Request& request, std::string_view fields);
  // A send's reply has come: its message counts as seen.
  void saw_own(const std::string& conv, int64_t seq) { seen_.reply(conv, seq); }
  // Nothing up to `seq` is waited for.
  void assume(const std::string& conv, int64_t seq) { seen_.assume(conv, seq); }

  // What is due by the clock: a ping after long silence; giving up a connection on which something is
  // awaited and nothing has come for `patience_us`.
  void keep_alive(int64_t now, int64_t patience_us);
  // Acknowledges what has been seen since the last time, in one line per conversation.
  void acknowledge();

 private:
  enum class Stage : uint8_t { closed, connecting, greeted, login, syncing, ready };

  void on_line(std::string_view line) override;
  void on_lost(const std::string& why) override;
  void take_event(const Frame& frame, std::string_view line);
  void take_message(const Frame& frame);
  void take_reply(const Frame& frame, std::string_view line);
  void login(std::string_view who);
  bool awaits() const;

  Listener& listener_;
  const size_t index_;
  const std::string name_;
  const AckMode ack_;
  Stage stage_ = Stage::closed;
  int64_t last_id_ = 0;
  int64_t spoke_us_ = 0;
  int64_t silence_us_ = never_us;
  int64_t ping_us_ = 0;     // 0: not greeted yet
  int64_t heard_us_ = 0;    // 0: since the last look
  bool been_here_ = false;  // logged in before
  int64_t stay_away_ms_ = -1;
  std::string closing_;  // why the server says that it closes
  std::deque<Request> waiting_;
  client::Seen seen_;
};

}  // namespace bench
