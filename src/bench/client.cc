// See client.h.
#include "bench/client.h"

#include <algorithm>
#include <charconv>

#include "bench/clock.h"
#include "client/json.h"

namespace bench {
namespace {

std::string conversation(const Frame& message, std::string_view me) {
  if (message.to.starts_with('#') || message.from == me) return std::string(message.to);
  return "@" + std::string(message.from);
}

// A request as request() wants it, from an object that holds all but the braces.
std::string fields_of(const client::Json& json) {
  const std::string text = json.print();
  return text.substr(1, text.size() - 2);
}

const char* word(AckMode ack) {
  return ack == AckMode::server ? "auto" : "explicit";
}

}  // namespace

void Client::open(const Route& route) {
  close();
  stage_ = Stage::connecting;
  closing_.clear();
  stay_away_ms_ = -1;
  heard_us_ = 0;
  connect(route);
}

void Client::close() {
  stage_ = Stage::closed;
  ping_us_ = 0;
  waiting_.clear();
  seen_.restart();
  shut();
}

void Client::on_lost(const std::string& why) {
  const std::string reason = closing_.empty() ? why : "closing: " + closing_;
  listener_.on_lost(*this, reason);  // it may look at ready() and waiting()
  stage_ = Stage::closed;
  ping_us_ = 0;
  waiting_.clear();
  seen_.restart();
}

// At first without a backlog: what an earlier run left waiting is none of this one's load. Who comes back
// wants what was missed.
void Client::login(std::string_view who) {
  stage_ = Stage::login;
  Request login;
  login.kind = Request::Kind::login;
  request(login, std::string(who) + ",\"ack\":\"" + word(ack_) + (been_here_ ? "\"" : "\",\"backlog\":0"));
}

void Client::login_by_token(std::string_view token) {
  login(fields_of(client::Json::request("login").add_text("token", token)));
}

void Client::login_by_password(std::string_view password) {
  login(fields_of(client::Json::request("login").add_text("name", name_).add_text("password", password)));
}

void Client::request(const Request& request, std::string_view fields) {
  Request& kept = waiting_.emplace_back(request);
  kept.id = ++last_id_;
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, kept.id).ptr;
  std::string& line = out();
  line.append("{\"id\":")
      .append(digits, static_cast<size_t>(end - digits))
      .append(",")
      .append(fields)
      .append("}\n");
  spoke_us_ = 0;
}

bool Client::awaits() const {
  return stage_ != Stage::closed && (stage_ != Stage::ready || !waiting_.empty());
}

void Client::keep_alive(int64_t now, int64_t patience_us) {
  if (heard_us_ == 0 || !awaits()) heard_us_ = now;
  if (now - heard_us_ > patience_us) return lose("no answer");
  if (ping_us_ == 0) return;
  if (spoke_us_ == 0) spoke_us_ = now;  // spoke since the last look
  if (now - spoke_us_ < ping_us_) return;
  request(Request{}, "\"op\":\"ping\"");
}

void Client::acknowledge() {
  if (!ready() || !seen_.has_due()) return;
  for (const auto& [conv, seq] : seen_.take_due()) {
    if (ack_ != AckMode::client) continue;
    out().append("{\"op\":\"ack\",\"conv\":\"").append(conv).append("\",\"seq\":");
    out().append(std::to_string(seq)).append("}\n");
    listener_.on_ack(*this, conv, seq);
    spoke_us_ = 0;
  }
}

void Client::on_line(std::string_view line) {
  heard_us_ = 0;
  Frame frame;
  if (!read_frame(line, frame)) return listener_.on_nonsense(*this, line);
  if (frame.ok != Frame::Ok::absent) return take_reply(frame, line);
  take_event(frame, line);
}

void Client::take_event(const Frame& frame, std::string_view line) {
  if (frame.event == "message") return take_message(frame);
  if (frame.event == "closing") {
    closing_ = frame.reason;
    stay_away_ms_ = frame.reconnect_ms;
    return;
  }
  if (frame.event == "hello" && stage_ == Stage::connecting) {
    stage_ = Stage::greeted;
    if (frame.ping_interval > 0) ping_us_ = std::min(frame.ping_interval * second_us / 2, silence_us_);
    return listener_.on_greeted(*this);
  }
  if (frame.event == "synced" && stage_ == Stage::syncing) {
    stage_ = Stage::ready;
    been_here_ = true;
    return listener_.on_ready(*this);
  }
  if (frame.event.empty()) listener_.on_nonsense(*this, line);
}

void Client::take_message(const Frame& frame) {
  const bool fresh = seen_.event(conversation(frame, name_), frame.seq);
  listener_.on_message(*this, frame, fresh);
}

void Client::take_reply(const Frame& frame, std::string_view line) {
  if (frame.id < 0 && frame.op == "ack") return listener_.on_ack_refused(*this, frame);
  if (waiting_.empty() || frame.id != waiting_.front().id) return listener_.on_nonsense(*this, line);
  const Request request = waiting_.front();
  waiting_.pop_front();
  if (request.kind == Request::Kind::login)
    stage_ = frame.ok == Frame::Ok::yes ? Stage::syncing : Stage::greeted;
  listener_.on_reply(*this, request, frame);
}

}  // namespace bench
