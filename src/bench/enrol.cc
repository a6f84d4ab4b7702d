// See enrol.h.
#include "bench/enrol.h"

#include <algorithm>
#include <cstdio>

#include "bench/clock.h"
#include "client/json.h"
#include "common/base/text.h"

namespace bench {
namespace {

constexpr size_t desks = 16;  // at the same time: below any server's bound of waiting hashes
constexpr int64_t again_ms = 200;
constexpr int most_lost = 50;
constexpr int64_t step_us = second_us / 20;

}  // namespace

Enrol::Enrol(Poller& poller, const Targets& targets) : poller_(poller), targets_(targets) {}

base::Result<void> Enrol::fill(Users& users, size_t count, const std::string& prefix) {
  users_ = &users;
  next_ = done_ = users.size();
  const size_t before = done_;
  while (users.size() < count) users.push_back(User{prefix + "-" + std::to_string(users.size()), ""});
  desks_.resize(std::min(desks, count - before));
  for (Desk& desk : desks_) next(desk);
  int64_t say_us = now_us() + second_us;
  while (done_ < count && failure_.empty()) {
    const int64_t now = now_us();
    for (Desk& desk : desks_)
      if (now >= desk.again_us) begin(desk);
    poller_.wait(now + step_us);
    if (now < say_us) continue;
    say_us += second_us;
    fprintf(stderr, "registering: %zu of %zu\n", done_ - before, count - before);
  }
  if (!failure_.empty()) return base::unavailable(failure_);
  return base::ok();
}

void Enrol::next(Desk& desk) {
  desk.again_us = next_ < users_->size() ? 0 : never_us;
  desk.user = next_++;
}

// One connection a user: who is logged in can't register another.
void Enrol::begin(Desk& desk) {
  desk.again_us = never_us;
  const std::string& name = (*users_)[desk.user].name;
  const auto place = static_cast<size_t>(&desk - desks_.data());
  if (!desk.client || desk.client->name() != name)
    desk.client = std::make_unique<Client>(poller_, *this, place, name, AckMode::nobody);
  desk.client->open(targets_.route(desk.user, 0));
}

void Enrol::again(Desk& desk, int64_t wait_ms) {
  desk.client->close();
  desk.again_us = now_us() + std::max(again_ms, wait_ms) * 1000;
}

void Enrol::on_greeted(Client& client) {
  client::Json json;
  json.add_text("op", "register").add_text("name", client.name()).add_text("password", user_password);
  const std::string fields = json.print();
  Request request;
  request.kind = Request::Kind::enrol;
  client.request(request, std::string_view(fields).substr(1, fields.size() - 2));
  client.login_by_password(user_password);
}

void Enrol::on_reply(Client& client, const Request& request, const Frame& frame) {
  Desk& desk = desks_[client.index()];
  const bool login = request.kind == Request::Kind::login;
  lost_in_a_row_ = 0;
  if (frame.ok == Frame::Ok::yes) {
    if (login) (*users_)[desk.user].token = frame.token;
    return;
  }
  if (frame.retry_ms >= 0) return again(desk, frame.retry_ms);  // busy: not now
  // It may have been registered in an attempt that was cut off: then the password is the right one.
  if (!login && frame.error == "name_taken") return;
  failure_ = client.name() + " can't " + (login ? "log in: " : "register: ") + base::escaped(frame.error) +
             ": " + base::escaped(frame.detail);
}

void Enrol::on_ready(Client& client) {
  ++done_;
  client.close();
  next(desks_[client.index()]);
}

void Enrol::on_lost(Client& client, const std::string& why) {
  if (++lost_in_a_row_ > most_lost) failure_ = "no user can register: " + why;
  again(desks_[client.index()], again_ms);
}

void Enrol::on_nonsense(Client&, std::string_view line) {
  failure_ = "no frame: " + base::escaped(line.substr(0, 150));
}

}  // namespace bench
