// What a Chat makes of the server's news. See chat.h.
#include <algorithm>

#include "client/chat.h"
#include "client/line.h"
#include "common/base/clock.h"
#include "common/base/text.h"

namespace client {
namespace {

// An answer that comes sooner is shown in one line with the message.
constexpr int64_t late_ms = 400;

}  // namespace

int64_t Chat::deadline() const {
  int64_t at = std::min(protocol_.deadline(), wait_end_);
  for (const auto& [cid, since] : unshown_) at = std::min(at, since + late_ms);
  return at;
}

void Chat::turn(short revents) {
  protocol_.turn(revents);
  show_late();
}

void Chat::greeted(const Json& hello) {
  node_ = base::escaped(hello.text("node").value_or("?"));
  server_ = base::escaped(hello.text("server").value_or("?")) + ", node " + node_;
}

void Chat::logged_in(const Account& account) {
  account_ = account;
  login_ = Login::done;
  synced_ = waiting_ = false;
  if (away_)
    console_.notice("back, on node " + node_);
  else if (console_.interactive())
    console_.notice("@" + account_.name + " on node " + node_ + "; /help shows what there is");
  away_ = false;
  keep_login();
  update_prompt();
}

void Chat::login_refused(const Refusal& refusal) {
  refusal_ = refusal;
  if (std::exchange(login_, Login::refused) == Login::asked) return;
  // We had been logged in, and came back.
  console_.error("login: " + refusal.text());
  if (console_.interactive()) console_.notice("/login " + account_.name + " goes on");
  if (refusal.code == "bad_token") tokens_.remove(account_.name);
  status_ = console_.interactive() ? exit_ok : exit_refused;
  quit_ = !console_.interactive();
  forget_me();
}

void Chat::message(const Message& message, const std::string& conv) {
  Entry entry;
  entry.ts = message.ts;
  entry.conv = conv;
  entry.from = message.from;
  entry.mine = message.from == account_.name;
  entry.text = message.text;
  console_.show(entry);
  if (!to_conversation(conv).empty()) peers_.insert(conv);  // what it completes is drawn as it is
}

// What others do that a person wants to know; who reads and who types is for programs with a screen.
void Chat::event(const std::string& name, const Json& frame) {
  const auto field = [&frame](const char* key) { return base::escaped(frame.text(key).value_or("")); };
  if (!console_.interactive()) return;
  if (name == "presence")
    console_.notice("@" + field("name") + (frame.flag("online") ? " is here" : " has gone"));
  if (name != "group") return;
  const std::string what = field("change"), whom = field("name"), by = "@" + field("by");
  std::string told = field("group") + ": ";
  if (what == "role")
    told += "@" + whom + " is " + field("role") + " now";
  else if (what == "set")
    told += by + " has set it" + (frame.text("topic") ? ": " + field("topic") : std::string{});
  else
    told += by + " has " + what + (whom.empty() ? std::string{} : " @" + whom);
  console_.notice(told);
}

Entry Chat::own(const Outgoing& message, Entry::State state, int64_t ts) const {
  Entry entry;
  entry.state = state;
  entry.ts = ts;
  entry.conv = message.to;
  entry.from = account_.name;
  entry.mine = true;
  entry.text = message.text;
  return entry;
}

void Chat::stored(const Outgoing& message, int64_t ts) {
  waiting_ = false;
  if (unshown_.erase(message.cid) > 0 || !console_.interactive())
    console_.show(own(message, Entry::State::stored, ts));
  else
    count_late(true);
}

void Chat::refused(const Outgoing& message, const Refusal& refusal) {
  Entry entry = own(message, Entry::State::refused, base::wall_ms());
  entry.code = refusal.code;
  entry.detail = refusal.detail;
  console_.show(entry);
  if (!console_.interactive()) status_ = exit_refused;
  if (unshown_.erase(message.cid) == 0) count_late(false);
}

// A person sees at once what was typed; the answer is told when it comes.
void Chat::show_late() {
  if (unshown_.empty()) return;
  const int64_t now = base::mono_ms();
  for (const Outgoing& each : protocol_.outbox().waiting()) {
    const auto found = unshown_.find(each.cid);
    if (found == unshown_.end() || now < found->second + late_ms) continue;
    unshown_.erase(found);
    console_.show(own(each, Entry::State::sent, base::wall_ms() - (now - each.since)));
    ++late_;
  }
}

void Chat::count_late(bool stored) {
  if (late_ == 0) return;
  --late_;
  if (stored) ++made_up_;
  if (late_ > 0 || made_up_ == 0) return;
  console_.notice(made_up_ == 1 ? "the message above is stored now"
                                : "the " + std::to_string(made_up_) + " messages above are stored now");
  made_up_ = 0;
}

void Chat::delayed(const Refusal& refusal) {
  trouble_ = refusal.text();
  if (!std::exchange(waiting_, true)) console_.notice("trying again (" + trouble_ + ")");
}

void Chat::complaint(const Refusal& refusal) {
  console_.error("server: " + refusal.text());
}

void Chat::lost(const std::string& why, int64_t) {
  trouble_ = base::escaped(why);
  if (!std::exchange(away_, true)) console_.notice("connection lost (" + trouble_ + "), coming back");
}

void Chat::ended(const std::string& why) {
  trouble_ = base::escaped(why);
  if (leaving_ || account_.name.empty()) return;
  console_.error("this login has ended (" + trouble_ + ")");
  if (why == "logged_out") tokens_.remove(account_.name);
  if (!console_.interactive()) {
    status_ = exit_refused;
    quit_ = true;
  }
  forget_me();
}

}  // namespace client
