// See dump.h. In the order of the table; a section's keys inside their braces.
#include "common/conf/dump.h"

#include "common/conf/directives.h"
#include "common/conf/value.h"

namespace conf {
namespace {

std::string line_of(std::string_view name, const Value& value) {
  return std::string(key_of(directive(name))) + " = " + print_value(directive(name), value);
}

std::string print_section(std::string_view name, const Settings& settings) {
  std::string out;
  if (name == "listen")
    for (const Listen& one : settings.listen)
      out += "listen " + quote(one.address) + " { " + line_of("listen.proxy", Value::of(one.proxy)) + " " +
             line_of("listen.websocket", Value::of(one.websocket)) + " " +
             line_of("listen.backlog", Value::of(int64_t{one.backlog})) + " }\n";
  if (name == "redis")
    for (const Redis& one : settings.redis)
      out +=
          "redis " + quote(one.address) + " { " + line_of("redis.password", Value::of(one.password)) + " }\n";
  return out;
}

}  // namespace

std::string dump(const Settings& settings) {
  std::string out;
  for (const Directive& row : directives()) {
    if (row.kind == Kind::section)
      out += print_section(row.name, settings);
    else if (section_of(row).empty())
      out += line_of(row.name, get(settings, row)) + "\n";
  }
  return out;
}

}  // namespace conf
