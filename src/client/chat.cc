// See chat.h. Here: the way in, the typed lines, the way out; what the server tells is in chat_events.cc.
#include "client/chat.h"

#include <strings.h>

#include <algorithm>
#include <cstdlib>

#include "client/commands.h"
#include "client/line.h"
#include "common/base/clock.h"
#include "common/base/text.h"

namespace client {
namespace {

constexpr int64_t login_limit_ms = 30000;
constexpr int64_t finish_limit_ms = 30000;
constexpr int64_t person_limit_ms = 5000;  // nobody wants to wait longer for a prompt
constexpr int password_tries = 3;
constexpr size_t outbox_limit = 100;

bool has_given_password() {
  const char* given = getenv("CHAT_PASSWORD");
  return given != nullptr && *given != '\0';
}

}  // namespace

Chat::Chat(Options options, std::vector<Endpoint> endpoints, Console& console)
    : options_(std::move(options)),
      console_(console),
      protocol_(std::move(endpoints), *this),
      tokens_(options_.server),
      server_(options_.server.text()) {
  console_.set_completer([this](std::string_view head) { return complete(head); });
}

int Chat::run() {
  if (!reach() || !begin()) return status_;
  update_prompt();
  turn(0);
  while (const auto typed = console_.read(*this)) {
    obey(*typed);
    turn(0);  // what that asked for goes out
  }
  finish();
  return status_;
}

bool Chat::wait_until(const std::function<bool()>& done, int64_t limit_ms) {
  wait_end_ = base::mono_ms() + limit_ms;
  turn(0);
  bool going = true;
  while (going && !done() && base::mono_ms() < wait_end_) going = console_.wait(*this);
  wait_end_ = Protocol::never;
  if (!going) quit_ = true;
  return done();
}

// The first connection, or the end of the program.
bool Chat::reach() {
  if (protocol_.greeted()) return true;
  protocol_.start();
  if (wait_until([this] { return protocol_.greeted() || protocol_.off(); }, login_limit_ms) &&
      protocol_.greeted())
    return true;
  console_.error("can't connect to " + options_.server.text() + (trouble_.empty() ? "" : ": " + trouble_));
  status_ = exit_unreachable;
  return false;
}

// Logs in by what the command line says. False: there is nothing to do but leave.
bool Chat::begin() {
  std::string name = options_.name;
  if (name.empty() && !options_.enrol) name = tokens_.last_name();
  if (name.empty() && console_.interactive() && !options_.enrol) {
    console_.notice("you are not logged in: /login NAME, or /register NAME for a new one");
    return true;
  }
  if (name.empty()) {
    console_.error("-u NAME is missing");
    status_ = exit_usage;
    return false;
  }
  status_ = exit_refused;
  if ((options_.enrol && !enrol(name)) || !sign_in(name)) return false;
  status_ = exit_ok;
  return true;
}

// Empty: there is none, and that was told.
std::string Chat::ask_password(const std::string& name, bool twice) {
  if (has_given_password()) return getenv("CHAT_PASSWORD");
  const auto first = console_.secret("password for " + name + ": ", *this);
  const auto second =
      twice && console_.interactive() && first ? console_.secret("once more: ", *this) : first;
  if (!first || !second || first->empty())
    console_.error("there is no password");
  else if (*first != *second)
    console_.error("these differ");
  else
    return *first;
  return "";
}

bool Chat::enrol(const std::string& name) {
  if (!reach()) return false;
  password_ = ask_password(name, true);
  if (password_.empty() || !reach()) return false;
  bool answered = false, done = false;
  Json op = Json::request("register");
  op.add_text("name", name).add_text("password", password_);
  protocol_.request(std::move(op), [&](const Reply& reply) {
    answered = true;
    done = reply.ok;
    if (!reply.ok) console_.error("register: " + reply.refusal.text());
  });
  wait_until([&] { return answered; }, login_limit_ms);
  if (!answered) protocol_.stop();  // the callback dies with this call
  if (done) console_.notice("registered @" + name);
  if (!done) password_.clear();
  return done;
}

bool Chat::sign_in(const std::string& name) {
  Kept kept = password_.empty() ? tokens_.load(name) : Kept{};
  if (!kept.token.empty()) {
    if (log_in({name, "", std::move(kept.token), std::move(kept.seen)})) return true;
    if (refusal_.code != "bad_token") return false;
    tokens_.remove(name);
  }
  const bool fixed = !password_.empty() || !console_.interactive() || has_given_password();
  for (int tries = fixed ? 1 : password_tries; tries > 0 && !quit_; --tries) {
    std::string password = password_.empty() ? ask_password(name, false) : std::exchange(password_, {});
    if (password.empty()) return false;
    if (log_in({name, std::move(password), "", {}})) return true;
    if (refusal_.code != "bad_credentials") return false;
  }
  return false;
}

bool Chat::log_in(Credentials credentials) {
  login_ = Login::asked;
  refusal_ = {};
  const bool by_token = !credentials.token.empty();
  protocol_.login(std::move(credentials));
  wait_until([this] { return login_ != Login::asked || protocol_.off(); }, login_limit_ms);
  if (login_ == Login::done) return true;
  if (login_ == Login::asked) {
    protocol_.stop();
    console_.error("login: no answer" + (trouble_.empty() ? "" : " (" + trouble_ + ")"));
    status_ = exit_unreachable;
  } else if (!by_token || refusal_.code != "bad_token") {
    console_.error("login: " + refusal_.text());
  }
  login_ = Login::none;
  return false;
}

void Chat::sign_out(bool all) {
  wait_until([this] { return protocol_.outbox().empty(); }, person_limit_ms);
  bool answered = false, done = false;
  Json op = Json::request("logout");
  if (all) op.add_flag("all", true);
  leaving_ = true;
  protocol_.request(std::move(op), [&](const Reply& reply) {
    answered = true;
    done = reply.ok;
    if (!reply.ok) console_.error("logout: " + reply.refusal.text());
  });
  wait_until([&] { return answered && (!done || protocol_.off()); }, person_limit_ms);
  leaving_ = false;
  if (done || !answered) protocol_.stop();
  if (!done) return;
  tokens_.remove(account_.name);
  forget_me();
  if (console_.interactive())
    console_.notice("logged out");
  else
    quit_ = true;
}

void Chat::forget_me() {
  account_ = {};
  login_ = Login::none;
  away_ = false;
  current_.clear();
  update_prompt();
}

void Chat::obey(const std::string& typed) {
  const Line line = parse_line(typed);
  switch (line.kind) {
    case Line::Kind::empty:
      return;
    case Line::Kind::mistake:
      return mistaken(line.text);
    case Line::Kind::command:
      return run_command(line.command, line.args);
    case Line::Kind::direct:
      return line.text.empty() ? talk_to(line.to) : say(line.to, line.text);
    case Line::Kind::text:
      if (current_.empty()) return mistaken("to whom? @NAME TEXT or #GROUP TEXT, or /to one of them first");
      return say(current_, line.text);
  }
}

// A person sees it and types anew; a program has only the exit status.
void Chat::mistaken(const std::string& text) {
  console_.error(text);
  if (!console_.interactive()) status_ = exit_refused;
}

void Chat::run_command(const std::string& word, const std::vector<std::string>& args) {
  const Command* command = find_command(word);
  if (command == nullptr) return mistaken("/" + base::escaped(word) + " is not known; /help shows what is");
  if (args.size() < command->least || args.size() > command->most)
    return mistaken("/" + std::string(command->name) + " " + std::string(command->arguments));
  command->run(*this, args);
}

void Chat::say(const std::string& to, const std::string& text) {
  if (account_.name.empty()) return console_.error("you are not logged in: /login NAME");
  console_.unecho();
  const std::string cid = protocol_.send(to, text);
  if (console_.interactive()) unshown_[cid] = base::mono_ms();
  peers_.insert(to);
  if (current_.empty()) talk_to(to);
}

void Chat::talk_to(const std::string& conv) {
  current_ = conv;
  if (!conv.empty()) peers_.insert(conv);
  update_prompt();
}

bool Chat::hungry() const {
  return protocol_.outbox().size() < outbox_limit;
}

void Chat::update_prompt() {
  console_.set_prompt(account_.name.empty() ? "(not logged in) > " : current_ + "> ");
}

std::vector<std::string> Chat::complete(std::string_view head) const {
  std::vector<std::string> out;
  const std::string_view word = head.substr(head.rfind(' ') + 1);
  if (word.starts_with('/') && word.size() == head.size()) {
    for (const Command& each : commands())
      if (each.name.starts_with(word.substr(1))) out.push_back("/" + std::string(each.name));
  } else if (word.starts_with('@') || word.starts_with('#')) {
    std::copy_if(peers_.begin(), peers_.end(), std::back_inserter(out),
                 [word](const std::string& peer) { return peer.starts_with(word); });
  }
  return out;
}

// Waits for what is under way; then a last request, whose reply says that the acknowledgements arrived too.
void Chat::finish() {
  if (account_.name.empty() || protocol_.off()) return;
  const bool person = console_.interactive();
  const size_t open = protocol_.outbox().size();
  if (person && open > 0 && !protocol_.ready())
    console_.notice("waiting a moment for " + std::to_string(open) + " unsent; ^C leaves without");
  const auto settled = [&] {
    return protocol_.off() || (protocol_.ready() && protocol_.outbox().empty() && (person || synced_));
  };
  const bool whole = wait_until(settled, person ? person_limit_ms : finish_limit_ms);
  if (const size_t left = protocol_.outbox().size(); left > 0)
    console_.error(std::to_string(left) + " unsent: " + (trouble_.empty() ? "no answer" : trouble_));
  if (console_.left_out()) status_ = exit_refused;
  if (!whole && !person) status_ = exit_unreachable;
  bool answered = !whole || protocol_.off();
  if (!answered) protocol_.request(Json::request("ping"), [&](const Reply&) { answered = true; });
  wait_until([&] { return answered; }, person_limit_ms);
  leaving_ = true;
  protocol_.stop();
  if (!account_.name.empty()) keep_login();
}

void Chat::keep_login() {
  auto saved = tokens_.save(account_.name, {account_.token, protocol_.seen().known()});
  if (!saved) console_.notice("the login is not kept: " + saved.error().detail);
}

}  // namespace client
