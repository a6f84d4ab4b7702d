// See commands.h.
#include "client/commands.h"

#include <algorithm>
#include <array>

#include "client/chat.h"
#include "client/line.h"
#include "common/base/clock.h"
#include "common/base/text.h"

namespace client {
namespace {

using Args = std::vector<std::string>;

// A user's name without its mark, or empty, and said so.
std::string name_of(Chat& chat, const std::string& typed) {
  std::string name = to_user(typed);
  if (name.empty())
    chat.console().error("a name is 1 to 32 of a-z 0-9 _ . -");
  else
    name.erase(0, 1);
  return name;
}

void help(Chat& chat, const Args&) {
  Console& out = chat.console();
  const auto row = [&out](std::string left, std::string_view what) {
    left.resize(std::max<size_t>(left.size() + 1, 20), ' ');
    out.print("  " + left + std::string(what));
  };
  row("TEXT", "send it to whom you talk to");
  row("@NAME TEXT", "send it to NAME");
  for (const Command& each : commands()) {
    std::string left = "/" + std::string(each.name);
    if (!each.arguments.empty()) left += " " + std::string(each.arguments);
    row(left, each.help);
  }
}

void login(Chat& chat, const Args& args) {
  const std::string name = name_of(chat, args[0]);
  if (name.empty()) return;
  if (chat.protocol().ready()) return chat.console().error("you are logged in; /logout first");
  chat.sign_in(name);
}

void enrol(Chat& chat, const Args& args) {
  const std::string name = name_of(chat, args[0]);
  if (name.empty()) return;
  if (chat.protocol().ready()) return chat.console().error("you are logged in; /logout first");
  if (chat.enrol(name)) chat.sign_in(name);
}

void logout(Chat& chat, const Args& args) {
  if (!args.empty() && args[0] != "all") return chat.console().error("/logout [all]");
  if (!chat.protocol().ready()) return chat.console().error("you are not logged in");
  chat.sign_out(!args.empty());
}

void ping(Chat& chat, const Args&) {
  const int64_t began = base::mono_ms();
  chat.protocol().request(Json::request("ping"), [&chat, began](const Reply& reply) {
    if (!reply.ok) return chat.console().error("ping: " + reply.refusal.text());
    const std::string state = base::escaped(reply.body->text("state").value_or("?"));
    chat.console().print(chat.server() + ": " + std::to_string(base::mono_ms() - began) + " ms, " + state);
  });
}

void quit(Chat& chat, const Args&) {
  chat.quit();
}

void to(Chat& chat, const Args& args) {
  const std::string conv = args.empty() ? std::string{} : to_user(args[0]);
  if (!args.empty() && conv.empty()) return chat.console().error("a name is @ and 1 to 32 of a-z 0-9 _ . -");
  chat.talk_to(conv);
}

void who_am_i(Chat& chat, const Args&) {
  const Account& me = chat.account();
  if (me.name.empty()) return chat.console().print("not logged in; " + chat.server());
  const std::string display = me.display.empty() ? "" : " (" + base::escaped(me.display) + ")";
  const char* how = chat.protocol().ready() ? "; " : "; coming back to ";
  chat.console().print("@" + me.name + display + how + chat.server());
}

constexpr std::array table = {
    Command{"help", "", "this list", 0, 0, help},
    Command{"login", "NAME", "log in; the password is asked for", 1, 1, login},
    Command{"logout", "[all]", "end this login, or all of yours everywhere", 0, 1, logout},
    Command{"ping", "", "how long the server takes to answer", 0, 0, ping},
    Command{"quit", "", "leave; so does the end of input (^D)", 0, 0, quit},
    Command{"register", "NAME", "take a name and log in", 1, 1, enrol},
    Command{"to", "[@NAME]", "talk to NAME from now on, or to nobody", 0, 1, to},
    Command{"who-am-i", "", "your name, the server and the node", 0, 0, who_am_i},
};
static_assert(std::is_sorted(table.begin(), table.end(),
                             [](const Command& a, const Command& b) { return a.name < b.name; }));

}  // namespace

std::span<const Command> commands() {
  return table;
}

const Command* find_command(std::string_view word) {
  const Command* found = nullptr;
  for (const Command& each : table) {
    if (each.name == word) return &each;
    if (!each.name.starts_with(word)) continue;
    if (found != nullptr || word.empty()) return nullptr;
    found = &each;
  }
  return found;
}

}  // namespace client
