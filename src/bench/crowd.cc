// See crowd.h.
#include "bench/crowd.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "bench/clock.h"
#include "common/base/text.h"

namespace bench {
namespace {

constexpr size_t logins_at_once = 32;  // before the load begins; later everybody comes when it likes
// Who could not come back tries again after a while that doubles, and that chance spreads.
constexpr int64_t first_wait_us = second_us / 10;
constexpr int most_doublings = 5;
// Each client is looked after once a second, a hundredth of them at a time: a crowd that acknowledges with
// one voice would be a burst that no real one makes.
constexpr int64_t sweep_step_us = second_us / 100;
constexpr size_t sweep_steps = 100;

}  // namespace

Crowd::Crowd(Context& context)
    : context_(context), random_(static_cast<unsigned>(now_us()) + static_cast<unsigned>(context.index)) {}

Client& Crowd::add(size_t user, size_t target, size_t nth) {
  const User& who = context_.users.at(user);
  const size_t index = seats_.size();
  Seat& seat = seats_.emplace_back();
  seat.client = std::make_unique<Client>(context_.poller, *this, index, who.name, context_.options.ack);
  if (context_.options.ping > 0) seat.client->ping_after(std::llround(context_.options.ping * second_us));
  seat.token = &who.token;
  seat.target = target;
  seat.nth = nth;
  absent_.emplace(0, index);
  return *seat.client;
}

int64_t Crowd::turn(int64_t now) {
  const size_t at_once = now < context_.board.control().start_us ? logins_at_once : SIZE_MAX;
  while (!absent_.empty() && absent_.begin()->first <= now && coming_ < at_once) {
    const size_t index = absent_.begin()->second;
    absent_.erase(absent_.begin());
    open(index);
  }
  if (now >= sweep_us_) sweep(now);
  const bool room = !absent_.empty() && coming_ < at_once;
  return room ? std::min(sweep_us_, absent_.begin()->first) : sweep_us_;
}

void Crowd::open(size_t index) {
  Seat& seat = seats_[index];
  if (seat.away) seat.since_us = now_us();
  seat.returned |= std::exchange(seat.away, false);
  ++coming_;
  seat.client->open(context_.targets.route(seat.target, seat.nth));
}

void Crowd::sweep(int64_t now) {
  sweep_us_ = now + sweep_step_us;
  const size_t few = (seats_.size() + sweep_steps - 1) / sweep_steps;
  for (size_t i = 0; i < few; ++i) {
    Client& client = *seats_[swept_++ % seats_.size()].client;
    client.acknowledge();
    client.keep_alive(now, std::llround(context_.options.patience * second_us));
  }
}

void Crowd::on_greeted(Client& client) {
  client.login_by_token(*seats_[client.index()].token);
}

void Crowd::on_ready(Client& client) {
  --coming_;
  ++ready_;
  seats_[client.index()].failures = 0;
  context_.part.add(Count::connections);
  came(client);
  seats_[client.index()].returned = false;
}

void Crowd::take_login(Client& client, const Frame& frame) {
  if (frame.ok == Frame::Ok::yes) return context_.part.add(Count::logins);
  context_.part.add(Count::refused);
  if (frame.error == "bad_token")
    throw std::runtime_error("the token of " + client.name() +
                             " is refused: is the users' file of another site?");
  --coming_;
  client.close();
  come_back(client, frame.retry_ms * 1000);
}

void Crowd::on_reply(Client& client, const Request& request, const Frame& frame) {
  if (request.kind == Request::Kind::login) return take_login(client, frame);
  if (frame.ok != Frame::Ok::yes) context_.part.add(Count::refused);
  if (request.kind != Request::Kind::ping) answered(client, request, frame);
}

void Crowd::on_message(Client& client, const Frame& frame, bool fresh) {
  heard(client, frame, fresh);
}

void Crowd::on_ack(Client& client, const std::string& conv, int64_t seq) {
  if (context_.journal) context_.journal->acked(client.name(), conv, seq);
}

// Nothing is lost with it: what is not acknowledged is sent again.
void Crowd::on_ack_refused(Client&, const Frame& frame) {
  context_.part.add(Count::refused);
  context_.part.note("ack refused: " + base::escaped(frame.error) + ": " + base::escaped(frame.detail));
}

void Crowd::on_lost(Client& client, const std::string& why) {
  context_.part.add(Count::lost);
  context_.part.note(why);
  if (client.ready())
    leave(client);
  else
    --coming_;
  come_back(client, client.stay_away_ms() * 1000);
}

void Crowd::leave(Client& client) {
  --ready_;
  context_.part.add(Count::connections, -1);
  went(client);
}

void Crowd::send_away(Client& client, int64_t until_us) {
  leave(client);
  client.close();
  seats_[client.index()].away = true;
  absent_.emplace(until_us, client.index());
}

void Crowd::call_back() {
  std::multimap<int64_t, size_t> absent;
  for (const auto& [at, index] : absent_) absent.emplace(seats_[index].away ? 0 : at, index);
  absent_ = std::move(absent);
}

int64_t Crowd::back_off_us(Seat& seat) {
  const int doublings = std::min(seat.failures++, most_doublings);
  return std::uniform_int_distribution<int64_t>(0, first_wait_us << doublings)(random_);
}

// To the next target. `wait_us` is the server's wish; negative: it has none.
void Crowd::come_back(const Client& client, int64_t wait_us) {
  Seat& seat = seats_[client.index()];
  ++seat.target;
  absent_.emplace(now_us() + (wait_us >= 0 ? wait_us : back_off_us(seat)), client.index());
}

void Crowd::on_nonsense(Client& client, std::string_view line) {
  context_.part.add(Count::nonsense);
  context_.part.note(client.name() + ": " + base::escaped(line.substr(0, 150)));
}

}  // namespace bench
