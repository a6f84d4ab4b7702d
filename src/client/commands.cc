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

// One request; what came of it is said.
void ask(Chat& chat, Json op, const std::string& done) {
  if (!chat.protocol().ready()) return chat.console().error("you are not logged in, or away for a moment");
  chat.protocol().request(std::move(op), [&chat, done](const Reply& reply) {
    reply.ok ? chat.console().notice(done) : chat.console().error(reply.refusal.text());
  });
}

void with_user(Chat& chat, const char* op, const std::string& typed, const std::string& done) {
  const std::string name = name_of(chat, typed);
  if (name.empty()) return;
  Json request = Json::request(op);
  request.add_text("name", name);
  ask(chat, std::move(request), "@" + name + " " + done);
}

// The group is the last argument, or the one that is talked to; `typed` a user's name in front of it, or
// null.
void with_group(Chat& chat, const char* op, const std::string* typed, const Args& args,
                const std::string& done) {
  const bool named = args.size() > (typed == nullptr ? 0 : 1);
  const std::string group = named ? args.back() : chat.current();
  if (!group.starts_with('#') || to_conversation(group).empty())
    return chat.console().error("which group? #NAME behind it, or /to #NAME first");
  Json request = Json::request(op);
  request.add_text("group", group);
  std::string said = done + " " + group;
  if (typed != nullptr) {
    const std::string name = name_of(chat, *typed);
    if (name.empty()) return;
    request.add_text("name", name);
    said.insert(0, "@" + name + " ");
  }
  ask(chat, std::move(request), said);
}

void help(Chat& chat, const Args&) {
  Console& out = chat.console();
  const auto row = [&out](std::string left, std::string_view what) {
    left.resize(std::max<size_t>(left.size() + 1, 20), ' ');
    out.print("  " + left + std::string(what));
  };
  row("TEXT", "send it to whom you talk to");
  row("@NAME TEXT", "send it to NAME");
  row("#GROUP TEXT", "send it to GROUP");
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
  const std::string conv = args.empty() ? std::string{} : to_conversation(args[0]);
  if (!args.empty() && conv.empty())
    return chat.console().error("a name is @ or # and 1 to 32 of a-z 0-9 _ . -");
  chat.talk_to(conv);
}

void who_am_i(Chat& chat, const Args&) {
  const Account& me = chat.account();
  if (me.name.empty()) return chat.console().print("not logged in; " + chat.server());
  const std::string display = me.display.empty() ? "" : " (" + base::escaped(me.display) + ")";
  const char* how = chat.protocol().ready() ? "; " : "; coming back to ";
  chat.console().print("@" + me.name + display + how + chat.server());
}

void add(Chat& chat, const Args& args) {
  with_user(chat, "contact_add", args[0], "is among your contacts");
}
void remove(Chat& chat, const Args& args) {
  with_user(chat, "contact_remove", args[0], "is none of your contacts");
}
void block(Chat& chat, const Args& args) {
  with_user(chat, "block", args[0], "is blocked");
}
void unblock(Chat& chat, const Args& args) {
  with_user(chat, "unblock", args[0], "is not blocked");
}
void create(Chat& chat, const Args& args) {
  with_group(chat, "group_create", nullptr, args, "you have made");
}
void join(Chat& chat, const Args& args) {
  with_group(chat, "group_join", nullptr, args, "you are in");
}
void leave(Chat& chat, const Args& args) {
  with_group(chat, "group_leave", nullptr, args, "you have left");
}
void invite(Chat& chat, const Args& args) {
  with_group(chat, "group_invite", &args[0], args, "is in");
}
void kick(Chat& chat, const Args& args) {
  with_group(chat, "group_kick", &args[0], args, "is out of");
}

constexpr std::array table = {
    Command{"add", "NAME", "have NAME among your contacts: you are told who comes and goes", 1, 1, add},
    Command{"block", "NAME", "hear nothing more from NAME, nor NAME from you", 1, 1, block},
    Command{"create", "#GROUP", "make a group", 1, 1, create},
    Command{"help", "", "this list", 0, 0, help},
    Command{"invite", "NAME [#GROUP]", "make NAME a member", 1, 2, invite},
    Command{"join", "#GROUP", "become a member", 1, 1, join},
    Command{"kick", "NAME [#GROUP]", "NAME is no member any more", 1, 2, kick},
    Command{"leave", "[#GROUP]", "be no member any more", 0, 1, leave},
    Command{"login", "NAME", "log in; the password is asked for", 1, 1, login},
    Command{"logout", "[all]", "end this login, or all of yours everywhere", 0, 1, logout},
    Command{"ping", "", "how long the server takes to answer", 0, 0, ping},
    Command{"quit", "", "leave; so does the end of input (^D)", 0, 0, quit},
    Command{"register", "NAME", "take a name and log in", 1, 1, enrol},
    Command{"remove", "NAME", "have NAME no longer among your contacts", 1, 1, remove},
    Command{"to", "[@NAME|#GROUP]", "talk to NAME or GROUP from now on, or to nobody", 0, 1, to},
    Command{"unblock", "NAME", "take back a /block", 1, 1, unblock},
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
