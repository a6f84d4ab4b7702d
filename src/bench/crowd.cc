// See crowd.h.
#include "bench/crowd.h"

#include <algorithm>
#include <stdexcept>

#include "bench/clock.h"
#include "common/base/text.h"

namespace bench {
namespace {

constexpr size_t logins_at_once = 32;
constexpr int64_t retry_us = second_us;
// Each client is looked after once a second, a hundredth of them at a time: a crowd that acknowledges with
// one voice would be a burst that no real one makes.
constexpr int64_t sweep_step_us = second_us / 100;
constexpr size_t sweep_steps = 100;

}  // namespace

Client& Crowd::add(size_t user, size_t target, size_t nth) {
  const User& who = context_.users.at(user);
  const size_t index = seats_.size();
  Seat& seat = seats_.emplace_back();
  seat.client = std::make_unique<Client>(context_.poller, *this, index, who.name, context_.options.ack);
  seat.token = &who.token;
  seat.target = target;
  seat.nth = nth;
  absent_.emplace(0, index);
  return *seat.client;
}

int64_t Crowd::turn(int64_t now) {
  while (!absent_.empty() && absent_.begin()->first <= now && coming_ < logins_at_once) {
    const size_t index = absent_.begin()->second;
    absent_.erase(absent_.begin());
    open(index);
  }
  if (now >= sweep_us_) sweep(now);
  const bool room = !absent_.empty() && coming_ < logins_at_once;
  return room ? std::min(sweep_us_, absent_.begin()->first) : sweep_us_;
}

void Crowd::open(size_t index) {
  Seat& seat = seats_[index];
  ++coming_;
  seat.client->open(context_.targets.route(seat.target, seat.nth));
}

void Crowd::sweep(int64_t now) {
  sweep_us_ = now + sweep_step_us;
  const size_t few = (seats_.size() + sweep_steps - 1) / sweep_steps;
  for (size_t i = 0; i < few; ++i) {
    Client& client = *seats_[swept_++ % seats_.size()].client;
    client.acknowledge();
    client.keep_alive(now);
  }
}

void Crowd::on_greeted(Client& client) {
  client.login_by_token(*seats_[client.index()].token);
}

void Crowd::on_ready(Client& client) {
  --coming_;
  ++ready_;
  context_.part.add(Count::connections);
  came(client);
}

void Crowd::take_login(Client& client, const Frame& frame) {
  if (frame.ok == Frame::Ok::yes) return context_.part.add(Count::logins);
  context_.part.add(Count::refused);
  if (frame.error == "bad_token")
    throw std::runtime_error("the token of " + client.name() +
                             " is refused: is the users' file of another site?");
  --coming_;
  client.close();
  absent_.emplace(now_us() + std::max(retry_us, frame.retry_ms * 1000), client.index());
}

void Crowd::on_reply(Client& client, const Request& request, const Frame& frame) {
  if (request.kind == Request::Kind::login) return take_login(client, frame);
  if (frame.ok != Frame::Ok::yes) context_.part.add(Count::refused);
  if (request.kind != Request::Kind::ping) answered(client, request, frame);
}

void Crowd::on_message(Client& client, const Frame& frame, bool fresh) {
  heard(client, frame, fresh);
}

// Nothing is lost with it: what is not acknowledged is sent again.
void Crowd::on_ack_refused(Client&, const Frame& frame) {
  context_.part.add(Count::refused);
  context_.part.note("ack refused: " + base::escaped(frame.error) + ": " + base::escaped(frame.detail));
}

void Crowd::on_lost(Client& client, const std::string& why) {
  context_.part.add(Count::lost);
  context_.part.note(why);
  if (client.ready()) {
    --ready_;
    context_.part.add(Count::connections, -1);
    went(client);
  } else {
    --coming_;
  }
  const int64_t wait = client.stay_away_ms() >= 0 ? client.stay_away_ms() * 1000 : retry_us;
  absent_.emplace(now_us() + wait, client.index());
}

void Crowd::on_nonsense(Client& client, std::string_view line) {
  context_.part.add(Count::nonsense);
  context_.part.note(client.name() + ": " + base::escaped(line.substr(0, 150)));
}

}  // namespace bench
