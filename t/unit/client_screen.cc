// The client's pure parts that a person meets: typed lines, the table of commands, how messages look.
#include <clocale>
#include <cstdlib>

#include "client/cells.h"
#include "client/commands.h"
#include "client/entry.h"
#include "client/line.h"
#include "tap.h"

namespace {

using client::Entry;
using client::Line;
using client::parse_line;
using Kind = client::Line::Kind;

void test_lines() {
  tap::ok(parse_line("").kind == Kind::empty && parse_line(" \t\r").kind == Kind::empty, "nothing typed");
  Line line = parse_line(" hello, you \r");
  tap::ok(line.kind == Kind::text, "a text");
  tap::is(line.text, std::string(" hello, you"), "loses the blanks at its end alone");
  line = parse_line("@bob  hi  there");
  tap::ok(line.kind == Kind::direct && line.to == "@bob" && line.text == "hi  there", "a text for somebody");
  line = parse_line("@bob: hi");
  tap::ok(line.kind == Kind::direct && line.to == "@bob" && line.text == "hi", "as one writes it");
  line = parse_line("@bob");
  tap::ok(line.kind == Kind::direct && line.to == "@bob" && line.text.empty(), "somebody alone");
  tap::ok(parse_line("@Bob hi").kind == Kind::mistake && parse_line("@ hi").kind == Kind::mistake,
          "no names");
  tap::ok(parse_line("\xff").kind == Kind::mistake, "not UTF-8");
  tap::is(parse_line("//etc").text, std::string("/etc"), "a doubled slash is a slash");
  tap::is(parse_line("@@home").text, std::string("@home"), "a doubled @ too");
  tap::is(parse_line("##1 of two").text, std::string("#1 of two"), "a doubled # too");
  tap::is(parse_line("#tea, hello").to, std::string("#tea"), "a group");
  tap::ok(parse_line("#Tea hello").kind == Line::Kind::mistake, "no group's name");
  line = parse_line("/to  @bob now ");
  tap::ok(line.kind == Kind::command && line.command == "to" && line.args.size() == 2,
          "a command and its words");
  tap::is(line.args[1], std::string("now"), "without blanks");
}

void test_commands() {
  tap::ok(client::find_command("quit") != nullptr, "a command");
  tap::ok(client::find_command("q") == client::find_command("quit"), "a beginning that is enough");
  tap::ok(client::find_command("log") == nullptr, "one that is not: login, logout");
  tap::ok(client::find_command("") == nullptr && client::find_command("nix") == nullptr, "none");
}

Entry entry(Entry::State state, const char* text, bool mine) {
  Entry out;
  out.state = state;
  out.ts = 1700000000123;
  out.conv = "@bob";
  out.from = mine ? "me" : "bob";
  out.mine = mine;
  out.text = text;
  return out;
}

void test_entries() {
  const Entry hostile = entry(Entry::State::received, "a\nb\x1b[2J\\", false);
  tap::is(client::plain_line(hostile),
          std::string("2023-11-14T22:13:20.123Z received @bob bob: a\\x0ab\\x1b[2J\\x5c"),
          "for a program: one line, and what it was can be told from it");
  tap::is(client::terminal_line(hostile, {}), std::string("22:13 bob: a\n      | b\\x1b[2J\\"),
          "for a person: continued below, nothing moves the cursor");
  Entry odd = entry(Entry::State::received, "\x7f\xc2\x9b\xe2\x80\xae\xe2\x80\xa8\xe2\x81\xa6\xff", false);
  odd.conv = "#c\x1b";
  odd.from = "f\x1b";
  odd.code = "k\x1b";
  const std::string shown = "\\x7f\\xc2\\x9b\\xe2\\x80\\xae\\xe2\\x80\\xa8\\xe2\\x81\\xa6\\xff";
  tap::is(client::plain_line(odd), "2023-11-14T22:13:20.123Z receivedk\\x1b #c\\x1b f\\x1b: " + shown,
          "every field, and what terminals obey besides");
  tap::is(client::terminal_line(odd, {}), "22:13 #c\\x1b f\\x1b: " + shown, "for a person too");
  Entry own = entry(Entry::State::stored, "hi", true);
  tap::is(client::terminal_line(own, {}), std::string("22:13 -> bob: hi (stored)"), "one's own");
  tap::is(client::terminal_line(own, {.colour = false, .unicode = true}), std::string("22:13 → bob: hi ✓"),
          "in UTF-8");
  own.state = Entry::State::refused;
  own.code = "blocked";
  own.detail = "no\x1b";
  tap::is(client::plain_line(own), std::string("2023-11-14T22:13:20.123Z refused:blocked @bob me: hi"),
          "refused");
  tap::is(client::terminal_line(own, {}), std::string("22:13 -> bob: hi (refused) blocked: no\\x1b"),
          "and why");
}

void test_cells() {
  const auto at = [](std::wstring_view text, int width) {
    const client::Place place = client::after({}, text, width);
    return std::to_string(place.row) + "," + std::to_string(place.column);
  };
  tap::is(at(L"abc", 10), std::string("0,3"), "a short line");
  tap::is(at(L"0123456789", 10), std::string("1,0"), "a full one: the cursor waits below");
  tap::is(at(L"012345678漢", 10), std::string("1,2"), "a wide character is not cut");
  tap::is(at(L"\x01", 10), std::string("0,2"), "a control is shown as two");
}

}  // namespace

int main() {
  setenv("TZ", "UTC", 1);
  setlocale(LC_CTYPE, "C.UTF-8");
  test_lines();
  test_commands();
  test_entries();
  test_cells();
  return tap::done();
}
