// See logins.h.
#include "bench/logins.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "common/base/text.h"

namespace bench {

Plan Logins::plan(const Options& options) {
  Plan plan;
  plan.connections = options.connections;
  plan.users = options.users;
  plan.unit = "login";
  return plan;
}

Logins::Logins(Context& context)
    : context_(context), schedule_(context.options.rate, context.index, context.parts), counted_(schedule_) {
  for (size_t i = context.index; i < context.options.connections; i += context.parts) {
    free_.push_back(doors_.size());
    doors_.emplace_back();
  }
}

void Logins::start(int64_t at_us) {
  start_us_ = at_us;
  schedule_.start(at_us);
  counted_.start(at_us);
}

// What waits for a door is due all the same: until it is answered, it is missing.
void Logins::count_due(int64_t now) {
  for (int64_t due = counted_.due_us(); due <= now && !context_.over(due); due = counted_.due_us()) {
    if (context_.measured(due)) context_.part.add(Count::window_sent);
    counted_.advance();
  }
}

// Where all doors are taken, what is due waits, and its time counts.
int64_t Logins::turn(int64_t now) {
  if (now < start_us_) return start_us_;
  if (now >= look_us_) look_after(now);
  count_due(now);
  while (!free_.empty()) {
    const int64_t due = schedule_.open() ? schedule_.due_us() : now;
    if (due > now) return due;
    if (context_.over(due)) return never_us;
    const size_t door = free_.back();
    free_.pop_back();
    knock(door, due);
  }
  return never_us;
}

// A connection that does not answer is given up.
void Logins::look_after(int64_t now) {
  look_us_ = now + second_us;
  for (Door& door : doors_)
    if (door.client) door.client->keep_alive(now, std::llround(context_.options.patience * second_us));
}

void Logins::knock(size_t door, int64_t due_us) {
  Door& at = doors_[door];
  const auto number = static_cast<size_t>(schedule_.number());
  schedule_.advance();
  at.user = &context_.users[number % context_.options.users];
  at.due_us = due_us;
  at.client = std::make_unique<Client>(context_.poller, *this, door, at.user->name, context_.options.ack);
  if (context_.measured(due_us) && schedule_.open()) context_.part.record(Latency::lag, now_us() - due_us);
  if (context_.measured(due_us) && !schedule_.open()) context_.part.add(Count::window_sent);
  at.client->open(context_.targets.route(number, door));
}

// Answered or lost; what is measured waits for all that were due.
void Logins::settle(const Client& client, Count how) {
  const int64_t due = doors_[client.index()].due_us;
  if (!context_.measured(due)) return;
  context_.part.add(how);
  if (how == Count::window_ok) context_.part.record(Latency::login, now_us() - due);
}

void Logins::leave(Client& client) {
  client.close();
  free_.push_back(client.index());
}

void Logins::on_greeted(Client& client) {
  const User& user = *doors_[client.index()].user;
  if (context_.options.by_password)
    client.login_by_password(user_password);
  else
    client.login_by_token(user.token);
}

void Logins::on_reply(Client& client, const Request&, const Frame& frame) {
  if (frame.ok == Frame::Ok::yes) {
    context_.part.add(Count::logins);
    context_.part.add(Count::connections);
    return settle(client, Count::window_ok);
  }
  if (frame.error == "bad_token" || frame.error == "bad_credentials")
    throw std::runtime_error(client.name() + " can't log in: is the users' file of another site?");
  context_.part.add(Count::refused);
  context_.part.note("login refused: " + base::escaped(frame.error) + ": " + base::escaped(frame.detail));
  settle(client, Count::window_failed);
  leave(client);
}

void Logins::on_ready(Client& client) {
  context_.part.add(Count::connections, -1);
  leave(client);
}

void Logins::on_lost(Client& client, const std::string& why) {
  context_.part.add(Count::lost);
  context_.part.note(why);
  if (client.logged_in())
    context_.part.add(Count::connections, -1);
  else
    settle(client, Count::window_failed);
  free_.push_back(client.index());
}

void Logins::on_nonsense(Client&, std::string_view line) {
  context_.part.add(Count::nonsense);
  context_.part.note(base::escaped(line.substr(0, 150)));
}

}  // namespace bench
