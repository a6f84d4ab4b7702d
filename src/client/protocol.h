// Protocol: one user's side of the protocol over one connection that comes back by itself.
//
// Requests carry ids and replies find them; keepalive pings, reconnects (by token), repeated sends,
// acknowledgements and the dropping of what was seen are done here. It waits for nothing: its user polls
// fd() for events() until deadline(), and calls turn(). No terminal, no threads, no signals.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "client/address.h"
#include "client/backoff.h"
#include "client/connection.h"
#include "client/listener.h"
#include "client/outbox.h"
#include "client/seen.h"

namespace client {

struct Credentials {
  std::string name;
  std::string password;  // with `name`; forgotten once there is a token
  std::string token;     // or this alone
  // With the token: what its holder has seen, from seen().known() of an earlier Protocol.
  std::vector<std::pair<std::string, int64_t>> seen{};
  bool empty() const { return password.empty() && token.empty(); }
};

struct Timing {
  int64_t connect_ms = 5000;  // to be connected, and then to be greeted
  int64_t reply_ms = 20000;   // without a byte while a request is open: the connection is dead
};

class Protocol {
 public:
  using Callback = std::function<void(const Reply&)>;
  static constexpr int64_t never = INT64_MAX;

  // REQUIRES: `endpoints` is not empty; `listener` outlives this.
  Protocol(std::vector<Endpoint> endpoints, Listener& listener, size_t window = 1, Timing timing = {});

  // Connects without logging in. For ops that work before login.
  void start();
  // Logs in now, or as soon as there is a connection, and again after each loss of it.
  void login(Credentials credentials);
  // The connection ends, and does not come back.
  void stop();

  // One request; `op` has no id yet. The callback is called once: with the reply, or when the connection
  // is lost; at once if there is none.
  void request(Json op, Callback callback);
  // Queues a message; its fate comes by the listener. Returns its cid.
  std::string send(std::string to, std::string text);

  int fd() const { return connection_.fd(); }
  short events() const { return connection_.events(); }
  // When turn() has something to do without an event; mono_ms.
  int64_t deadline() const;
  void turn(short revents);

  bool greeted() const { return stage_ >= Stage::open; }
  bool ready() const { return stage_ == Stage::ready; }
  bool off() const { return stage_ == Stage::off; }
  // Nothing is waiting for an answer, and nothing to be sent.
  bool idle() const { return outbox_.empty() && pending_.empty() && connection_.unsent() == 0; }
  const Outbox& outbox() const { return outbox_; }
  const Seen& seen() const { return seen_; }
  const std::string& me() const { return me_; }

 private:
  // off: not wanted; waiting: until retry_at_; greeting: for hello; open: no login yet.
  enum class Stage { off, waiting, connecting, greeting, open, login, ready };
  struct Pending {
    Callback callback;
    int64_t sent = 0;
  };

  void connect();
  void connect_next();
  void lose(const std::string& why, int64_t wait_ms);
  void read_lines();
  void check_times();
  void flush();

  void take_frame(const Json& frame);
  void take_hello(const Json& frame);
  void take_event(const std::string& name, const Json& frame);
  void take_message(const Json& frame);
  void take_closing(const Json& frame);
  void take_reply(int64_t id, const Json& frame);

  int64_t post(Json op, Callback callback);
  void post_login();
  void take_login(const Reply& reply);
  void post_sends();
  void take_send(int64_t id, const Reply& reply);
  void post_acks();
  void drop_outbox(const char* code, const char* detail);

  std::vector<Endpoint> endpoints_;
  Listener& listener_;
  Timing timing_;
  Connection connection_;
  Backoff backoff_;
  Stage stage_ = Stage::off;
  size_t endpoint_ = 0;   // the one in use
  size_t attempts_ = 0;   // endpoints tried since the last loss
  int64_t now_ = 0;       // of this turn
  int64_t stage_at_ = 0;  // when connecting or greeting began
  int64_t retry_at_ = 0;
  int64_t login_at_ = 0;  // open: when to repeat the login; 0: not by itself
  int64_t spoke_at_ = 0;
  int64_t heard_at_ = 0;
  int64_t ping_ms_ = 60000;
  size_t max_frame_ = 65536;

  Credentials credentials_;
  std::string me_;
  Seen seen_;
  Outbox outbox_;
  std::string cid_prefix_;
  int64_t last_cid_ = 0;
  int64_t last_id_ = 0;
  std::map<int64_t, Pending> pending_;
};

}  // namespace client
