// See connection.h. What hiredis 0.14 wants, read off its source:
//  - after a failed connect it calls the connect callback and then frees the context, which must not be
//    freed or disconnected in there; an error straight after redisAsyncConnect is ours to free;
//  - redisAsyncFree inside a reply's callback is put off until that returns;
//  - a freed context calls every waiting callback with a null reply, each channel's included.
#include "worker/redis/connection.h"

#include <arpa/inet.h>
#include <hiredis/adapters/libevent.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <sys/ioctl.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "worker/redis/command.h"

namespace redis {
namespace {

// Hiredis would cut a longer one in silence.
constexpr size_t longest_path = sizeof(sockaddr_un::sun_path) - 1;

// Hiredis reads 16 KiB an event: so many reads a turn, lest a busy turn leave messages with Redis, which
// cuts off a subscriber that lags.
constexpr int reads_per_turn = 8;

}  // namespace

struct Connection::Hiredis {
  static Connection* self(const redisAsyncContext* context) {
    return static_cast<Connection*>(context->data);
  }

  // The context is freed by hiredis after a failure: all that may be done here is to forget it.
  static void connected(const redisAsyncContext* context, int status) {
    Connection* connection = self(context);
    if (connection == nullptr) return;
    if (status == REDIS_OK) return connection->handshake();
    connection->lost(context->c.errstr);
  }

  static void disconnected(const redisAsyncContext* context, int) {
    if (Connection* connection = self(context)) connection->lost(context->c.errstr);
  }

  static void reply(redisAsyncContext* context, void* raw, void* id) {
    Connection* connection = self(context);
    if (connection == nullptr || raw == nullptr) return;
    connection->heard(Reply(static_cast<redisReply*>(raw)), reinterpret_cast<uintptr_t>(id));
  }
};

// An address and not a name: the look-up of a name would block.
Connection::Address Connection::parse(const std::string& address) {
  if (address.starts_with("unix:/")) {
    if (address.size() - 5 > longest_path) throw std::invalid_argument("redis: path too long: " + address);
    return {address.substr(5), 0};
  }
  const size_t colon = address.rfind(':');
  const auto port = colon == std::string::npos ? std::nullopt : base::to_int(address.substr(colon + 1));
  if (!port || *port < 1 || *port > 65535) throw std::invalid_argument("redis: no port: " + address);
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  std::array<char, sizeof(in6_addr)> binary;
  if (inet_pton(AF_INET, host.c_str(), binary.data()) != 1 &&
      inet_pton(AF_INET6, host.c_str(), binary.data()) != 1)
    throw std::invalid_argument("redis: not an IP address: " + address);
  return {host, static_cast<int>(*port)};
}

Connection::Connection(loop::Loop& loop, Options options, Events events)
    : loop_(loop),
      options_(std::move(options)),
      address_(parse(options_.address)),
      events_(std::move(events)),
      timer_(
          loop, [](void* self) { static_cast<Connection*>(self)->on_timer(); }, this) {
  timer_.start(loop::Millis(0));
}

Connection::~Connection() {
  if (context_ == nullptr) return;
  context_->data = nullptr;
  redisAsyncFree(context_);
}

void Connection::on_timer() {
  switch (state_) {
    case State::away:
      return connect();
    case State::connecting:
      return drop("no answer");
    case State::up:
      const loop::Millis silent(base::mono_ms() - last_heard_ms_);
      if (silent >= options_.timeout) return drop("silent");
      timer_.start(options_.timeout - silent);
  }
}

void Connection::connect() {
  state_ = State::connecting;
  redisAsyncContext* context = address_.port == 0 ? redisAsyncConnectUnix(address_.host.c_str())
                                                  : redisAsyncConnect(address_.host.c_str(), address_.port);
  if (context == nullptr) return lost("out of memory");
  if (context->err != 0) {
    const std::string why = context->errstr;
    redisAsyncFree(context);
    return lost(why);
  }
  context_ = context;
  context_->data = this;
  redisLibeventAttach(context_, loop_.base());
  redisAsyncSetConnectCallback(context_, Hiredis::connected);
  redisAsyncSetDisconnectCallback(context_, Hiredis::disconnected);
  timer_.start(options_.timeout);
}

// Runs inside hiredis' connect callback: it must not drop. A write that fails is left to the deadline.
void Connection::handshake() {
  std::string command;
  if (!options_.password.empty()) {
    const std::array<std::string_view, 2> auth{"AUTH", options_.password};
    format_command(command, auth);
    write(command, [this](const Reply& reply) { handshake_answer(reply, false); });
  }
  const std::vector<std::string_view> probe(options_.probe.begin(), options_.probe.end());
  format_command(command, probe);
  write(command, [this](const Reply& reply) { handshake_answer(reply, true); });
}

void Connection::handshake_answer(const Reply& reply, bool last) {
  if (!reply) return;
  if (reply.is_error()) return drop(std::string(reply.text()));
  if (!last) return;
  // At the start all is as expected; after a loss somebody waits for this line.
  base::log(outage_.end() ? base::Level::notice : base::Level::info, "redis %s (%s): up",
            options_.address.c_str(), options_.purpose);
  state_ = State::up;
  attempts_ = 0;
  timer_.start(options_.timeout);
  events_.up();
}

bool Connection::send(const std::string& command, Callback callback) {
  const bool room = up() && sdslen(context_->c.obuf) + command.size() <= options_.queue;
  if (room && write(command, std::move(callback))) return true;
  ++refused_;
  return false;
}

bool Connection::write(const std::string& command, Callback callback) {
  const uint64_t id = callback ? ++last_id_ : 0;
  if (redisAsyncFormattedCommand(context_, Hiredis::reply, reinterpret_cast<void*>(id), command.c_str(),
                                 command.size()) != REDIS_OK)
    return false;
  if (id != 0) waiting_.emplace(id, std::move(callback));
  return true;
}

// Hiredis gives an answer that it can't place to the callback of the one before: an id that is no longer
// known is such a one.
void Connection::heard(const Reply& reply, uint64_t id) {
  last_heard_ms_ = base::mono_ms();
  if (!draining_) loop_.at_turn_end(*this);
  const auto asked = id == 0 ? waiting_.end() : waiting_.find(id);
  if (asked == waiting_.end()) {
    if (up()) events_.reply(reply);
    return;
  }
  const Callback callback = std::move(asked->second);
  waiting_.erase(asked);
  callback(reply);
}

// What came meanwhile. Any of the reads may end the connection.
void Connection::flush() {
  draining_ = true;
  for (int reads = 1; reads < reads_per_turn && context_ != nullptr; ++reads) {
    int bytes = 0;
    if (ioctl(context_->c.fd, FIONREAD, &bytes) != 0 || bytes == 0) break;
    redisAsyncHandleRead(context_);
  }
  draining_ = false;
}

void Connection::drop(const std::string& why) {
  if (context_ == nullptr) return;
  redisAsyncContext* context = context_;
  context->data = nullptr;
  redisAsyncFree(context);
  lost(why);
}

// Whoever called has seen to the context. Only the first failure of a row is logged.
void Connection::lost(const std::string& why) {
  const bool was_up = up();
  context_ = nullptr;
  state_ = State::away;
  if (outage_.worth_telling(why, base::mono_ms()))
    base::log(base::Level::warn, "redis %s (%s): away: %s", options_.address.c_str(), options_.purpose,
              base::escaped(why).c_str());
  timer_.start(next_backoff());
  const auto waiting = std::exchange(waiting_, {});
  for (const auto& [id, callback] : waiting) callback(Reply());
  if (was_up) events_.down();
}

// Up to 200, 400, 800, 1000 ms, and never less than half of that.
loop::Millis Connection::next_backoff() {
  const int most = std::min(1000, 200 << std::min(attempts_++, 3));
  return loop::Millis(most / 2 + static_cast<int>(random_() % (most / 2)));
}

}  // namespace redis
