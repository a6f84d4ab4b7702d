// One directive's value: from words to a checked value, into Settings, and back to text. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/base/error.h"
#include "common/conf/directives.h"
#include "common/conf/settings.h"

namespace conf {

// One of the four, by the row's kind; a plain struct, for g++ 12 warns falsely about a variant here.
struct Value {
  bool flag = false;
  int64_t number = 0;
  std::string text;
  std::vector<std::string> list;

  static Value of(bool flag) { return Value{flag, 0, {}, {}}; }
  static Value of(int64_t number) { return Value{false, number, {}, {}}; }
  static Value of(std::string text) { return Value{false, 0, std::move(text), {}}; }
  static Value of(std::vector<std::string> list) { return Value{false, 0, {}, std::move(list)}; }
  bool operator==(const Value&) const = default;
};

// The error's detail says what was expected; a secret is never repeated in it.
base::Result<Value> parse_value(const Directive& row, const std::vector<std::string>& words);
// What the row's fallback stands for.
Value fallback_value(const Directive& row);

// As it would stand in a file, strings in quotes.
std::string print_value(const Directive& row, const Value& value);
std::string quote(std::string_view text);

// REQUIRES: the row has a member.
Value get(const Settings& settings, const Directive& row);
void set(Settings& settings, const Directive& row, Value value);

}  // namespace conf
