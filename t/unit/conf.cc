// The parts of conf that need no file: units, the table, quoting, the scan, conninfo, dump and what a
// reload can't change. What a whole file does is in t/conf.t.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/text.h"
#include "common/conf/conninfo.h"
#include "common/conf/directives.h"
#include "common/conf/dump.h"
#include "common/conf/load.h"
#include "common/conf/reload.h"
#include "common/conf/scan.h"
#include "common/conf/units.h"
#include "common/conf/value.h"
#include "tap.h"

namespace {

const std::string least =
    "listen \"127.0.0.1:1\" { }\n"
    "postgres = \"host=/tmp\"\n"
    "redis \"127.0.0.1:2\" { }\n";

conf::Settings loaded(const std::string& text) {
  base::Result<conf::Settings> settings = conf::load_text(text, "f");
  if (!settings) tap::ok(false, settings.error().detail);
  return settings ? *settings : conf::Settings{};
}

std::string mistake(const std::string& text) {
  base::Result<conf::Settings> settings = conf::load_text(text, "f");
  return settings ? "" : settings.error().detail;
}

void units() {
  const std::map<std::string, int64_t> sizes = {{"0", 0},          {"1", 1},        {"64k", 65536},
                                                {"16m", 16 << 20}, {"1g", 1 << 30}, {"1023", 1023}};
  for (const auto& [text, bytes] : sizes) {
    tap::ok(conf::parse_size(text) == bytes, "size " + text);
    tap::is(conf::print_size(bytes), text, "and back");
  }
  const std::map<std::string, int64_t> times = {{"0", 0},       {"250ms", 250}, {"30s", 30000},
                                                {"90s", 90000}, {"2m", 120000}, {"720h", 2592000000}};
  for (const auto& [text, ms] : times) {
    tap::ok(conf::parse_time(text) == ms, "time " + text);
    tap::is(conf::print_time(ms), text, "and back");
  }
  for (const char* text : {"", "k", "64K", "64kb", "6 4", "64 k", "-1", "+1", "1.5m", "0x10", "64s", "1t",
                           "9999999999g", "99999999999999999999"})
    tap::ok(!conf::parse_size(text), std::string("no size: ") + text);
  for (const char* text : {"", "1", "s", "1d", "1S", "1.5s", "-1s", "64k", "1 s", "9999999999999999h"})
    tap::ok(!conf::parse_time(text), std::string("no time: ") + text);
}

void table() {
  const conf::Settings settings = loaded(least);
  for (const conf::Directive& row : conf::directives()) {
    const std::string name(row.name);
    tap::ok(&conf::directive(row.name) == &row, name + " is found");
    tap::ok(!row.doc.empty() && row.least <= row.most, name + " has a range and a word of explanation");
    if (std::holds_alternative<std::monostate>(row.member) || row.fallback.empty()) continue;
    tap::ok(conf::get(settings, row) == conf::fallback_value(row), name + " has its default");
  }
  tap::ok(settings.worker_processes == 0 && settings.max_frame == 65536 && settings.ping_interval == 60000 &&
              settings.token_lifetime == 720LL * 3600 * 1000,
          "defaults in bytes and milliseconds");
  tap::ok(settings.listen.size() == 1 && !settings.listen[0].proxy && settings.listen[0].backlog == 4096 &&
              settings.listen[0].line == 1,
          "a listen block has its defaults and its line");
  tap::ok(settings.node.size() >= 1 && settings.node.size() <= 32, "the node is named after its host");
}

void quoting() {
  const std::vector<std::string> texts = {
      "",  "plain",  "a\"b",         "a\\b",        "\\",    "'",        "${HOME}",
      "$", "\\${x}", "# no comment", "// nor this", "{;}=,", "\xc3\xa9", "it's \\'"};
  for (const std::string& text : texts) {
    const std::string conf =
        "listen \"1.1.1.1:1\" { }\npostgres = \"host=/tmp\"\nredis \"1.1.1.1:2\" { password = " +
        conf::quote(text) + " }\n";
    const conf::Settings settings = loaded(conf);
    tap::is(settings.redis.at(0).password, text, "as it was: " + conf::quote(text));
    tap::is(loaded(conf::dump(settings)).redis.at(0).password, text, "and after a dump");
  }
}

void dumping() {
  const std::string changed = least +
                              "max_text = 1 output_limit = 1m worker_processes = 3 accept_mutex = off\n"
                              "proxy_trusted = { unix, '10.0.0.0/8' } poll_interval = 150ms node = x\n"
                              "listen 'unix:/tmp/s' { proxy = yes backlog = 7 } agent_listen = [::1]:9\n";
  const std::string once = conf::dump(loaded(changed));
  tap::is(conf::dump(loaded(once)), once, "a dump of a dump is the same");
  for (const char* line :
       {"max_text = 1\n", "output_limit = 1m\n", "worker_processes = 3\n", "accept_mutex = false\n",
        "proxy_trusted = { \"unix\", \"10.0.0.0/8\" }\n", "poll_interval = 150ms\n",
        "listen \"unix:/tmp/s\" { proxy = true websocket = false backlog = 7 }\n",
        "agent_listen = \"[::1]:9\"\n"})
    tap::ok(once.find(line) != once.npos,
            std::string("it has ") + std::string(line, std::string(line).size() - 1));
}

void scanning() {
  const conf::Scan scan = conf::scan("/* 1\n2 */ a = 1 # b = 2\nlisten \"x\" {\n  c = '\"' }\n// d\n");
  tap::ok(!scan.problem, "nothing wrong");
  tap::ok(scan.lines == 5, "lines are counted");
  tap::ok(scan.marks.size() == 3, "comments set nothing");
  tap::ok(scan.marks.at(0).line == 2 && scan.marks.at(1).line == 3 && scan.marks.at(2).line == 4,
          "marks have lines");
  tap::ok(scan.marks.at(2).section == 1 && scan.marks.at(0).section == -1, "and their block");
  tap::is(scan.text, std::string("\n\"a\" = \"1\" \n\"listen\" \"x\" { \n\"c\" = \"\\\"\" } \n\n"),
          "the text is plain");
  tap::ok(conf::scan("").lines == 1 && !conf::scan("").problem, "an empty file has a line");
  for (size_t n = 0; n < least.size(); ++n)
    if (mistake(least.substr(0, n)).empty())
      tap::ok(n + 3 > least.size(), "cut at byte " + std::to_string(n));
  for (int byte = 0; byte < 256; ++byte)
    if (std::string text = std::string(1, static_cast<char>(byte)); mistake(least + "\n" + text).empty())
      tap::ok(byte == '\n' || byte == ' ' || byte == '\t' || byte == '#',
              "a lone byte " + base::escaped(text));
}

void conninfos() {
  for (const char* good :
       {"host=/tmp", "host=127.0.0.1", "host=::1 port=5432", "host=/a,/b dbname=x", "host=10.0.0.1,10.0.0.2",
        "dbname='a b' host = /tmp", "hostaddr=10.0.0.1 host=db.example", "host='/tmp' password='it\\'s'",
        "host=/tmp password=a\\ b", "host=/tmp password=''"})
    tap::ok(bool(conf::check_conninfo(good)), std::string("good: ") + good);
  for (const char* bad : {"", " ", "host", "host=", "host=db.example", "host=/a,db", "host=/a,",
                          "dbname=chatd", "postgresql://1.1.1.1/x", "host='/tmp", "=x", "host=/tmp service=x",
                          "hostaddr=db host=/tmp", "host=/tmp x", "host=run"})
    tap::ok(!conf::check_conninfo(bad), std::string("bad: ") + bad);
}

void secrets() {
  const std::string said =
      mistake("postgres = \"hunter2 password=hunter2\"\nlisten \"1.1.1.1:1\" { }\nredis \"1.1.1.1:2\" { }");
  tap::ok(said.starts_with("f:1: postgres: ") && said.find("hunter2") == said.npos,
          "a conninfo is not repeated");
}

void reloading() {
  const conf::Settings a = loaded(least);
  tap::ok(conf::changed_in_vain(a, a).empty(), "nothing changed, nothing in vain");
  const conf::Settings b = loaded(least + "pid_file = /tmp/x max_frame = 32k node = b");
  const auto names = conf::changed_in_vain(a, b);
  tap::ok(names.size() == 1 && names[0] == "pid_file", "pid_file needs a restart, max_frame does not");
}

// libconfuse's scanner is global: a mistake must not spoil the next reading.
void again() {
  for (const char* bad : {"postgres = \"abc", "listen \"a\" {", "/*", "x = = 1", "gates = 1;"}) {
    tap::ok(!mistake(least + bad).empty(), std::string("a mistake: ") + bad);
    tap::is(mistake(least), std::string(), "and then a good file");
  }
}

}  // namespace

int main() {
  units();
  table();
  quoting();
  dumping();
  scanning();
  conninfos();
  secrets();
  reloading();
  again();
  return tap::done();
}
