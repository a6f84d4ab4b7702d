// See protocol.h. Here: the connection's life and its times; what frames mean is in protocol_frames.cc.
#include "client/protocol.h"

#include <algorithm>
#include <random>

#include "common/base/clock.h"
#include "common/base/text.h"

namespace client {
namespace {

// Unique among all clients of a user: 64 random bits, then a count.
std::string random_prefix() {
  std::random_device device;
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(device() & 0xFF);
  return base::to_hex(bytes) + "-";
}

}  // namespace

Protocol::Protocol(std::vector<Endpoint> endpoints, Listener& listener, size_t window, Timing timing)
    : endpoints_(std::move(endpoints)),
      listener_(listener),
      timing_(timing),
      now_(base::mono_ms()),
      outbox_(window),
      cid_prefix_(random_prefix()) {}

void Protocol::start() {
  if (stage_ == Stage::off) connect();
}

void Protocol::login(Credentials credentials) {
  credentials_ = std::move(credentials);
  if (stage_ == Stage::open) post_login();
  start();
}

void Protocol::stop() {
  connection_.close();
  stage_ = Stage::off;
  credentials_ = {};
}

void Protocol::connect() {
  attempts_ = 0;
  connect_next();
}

void Protocol::connect_next() {
  now_ = base::mono_ms();
  stage_ = Stage::connecting;
  stage_at_ = now_;
  ++attempts_;
  connection_.open(endpoints_[endpoint_]);
}

// Ends this connection. Requests get their answer, sends wait for the next one.
void Protocol::lose(const std::string& why, int64_t wait_ms) {
  const bool untried = stage_ == Stage::connecting && attempts_ < endpoints_.size();
  connection_.close();
  if (stage_ == Stage::connecting) endpoint_ = (endpoint_ + 1) % endpoints_.size();
  if (untried) return connect_next();
  outbox_.lost();
  login_at_ = 0;
  stage_ = credentials_.empty() ? Stage::off : Stage::waiting;
  retry_at_ = now_ + wait_ms;
  const auto orphans = std::exchange(pending_, {});
  for (const auto& [id, pending] : orphans) pending.callback(lost_reply());
  if (stage_ == Stage::waiting)
    listener_.lost(why, wait_ms);
  else if (stage_ == Stage::off)
    listener_.ended(why);
}

int64_t Protocol::deadline() const {
  if (stage_ == Stage::waiting) return retry_at_;
  if (stage_ == Stage::off) return never;
  if (!connection_.alive()) return 0;  // it failed outside of turn()
  if (stage_ == Stage::connecting || stage_ == Stage::greeting) return stage_at_ + timing_.connect_ms;
  int64_t at = spoke_at_ + ping_ms_;
  if (!pending_.empty())
    at = std::min(at, std::max(heard_at_, pending_.begin()->second.sent) + timing_.reply_ms);
  if (login_at_ != 0) at = std::min(at, login_at_);
  if (stage_ == Stage::ready && outbox_.not_before() != 0) at = std::min(at, outbox_.not_before());
  return at;
}

void Protocol::turn(short revents) {
  now_ = base::mono_ms();
  connection_.ready(revents);
  if (stage_ == Stage::connecting && connection_.connected()) {
    stage_ = Stage::greeting;
    stage_at_ = now_;
  }
  read_lines();
  check_times();
  flush();
}

void Protocol::read_lines() {
  while (stage_ >= Stage::greeting) {
    const auto line = connection_.next_line();
    if (!line) break;
    heard_at_ = now_;
    if (line->empty()) continue;
    const auto frame = Json::parse(*line);
    if (!frame) return lose("the server does not speak this protocol", backoff_.next());
    take_frame(*frame);
  }
  if (stage_ >= Stage::connecting && !connection_.alive()) {
    const std::string why = connection_.why();
    lose(why, backoff_.next());
  }
}

void Protocol::check_times() {
  if (stage_ == Stage::off || now_ < deadline()) return;
  if (stage_ == Stage::waiting) return connect();
  if (stage_ == Stage::connecting || stage_ == Stage::greeting)
    return lose("no answer in time", backoff_.next());
  if (!pending_.empty() && now_ >= std::max(heard_at_, pending_.begin()->second.sent) + timing_.reply_ms)
    return lose("no answer in time", backoff_.next());
  if (login_at_ != 0 && now_ >= login_at_) post_login();
  if (now_ >= spoke_at_ + ping_ms_) post(Json::request("ping"), [](const Reply&) {});
}

void Protocol::flush() {
  if (stage_ == Stage::ready) {
    post_sends();
    post_acks();
  }
  connection_.flush();  // its failure is seen at the next turn, after what can still be read
}

}  // namespace client
