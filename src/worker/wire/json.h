// cJSON, held by a unique_ptr and asked in our terms. No other file of the server includes its header.
//
// A tree is made from scanned text only: cJSON itself judges nothing. Keys are compared case-sensitively.
// Views into a tree live as long as the tree.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

struct cJSON;

namespace wire {

struct JsonDelete {
  void operator()(cJSON* tree) const;
};
using Json = std::unique_ptr<cJSON, JsonDelete>;

constexpr int64_t int_limit = int64_t{1} << 53;  // integers of the wire are below it

// Null if cJSON refuses the text, or stopped before its end.
// REQUIRES: scan(text) took it, with its odd numbers made plain.
Json json_tree(std::string_view text);

bool is_object(const cJSON* value);
bool is_array(const cJSON* value);
// The members of an object or an array, in the order of the text.
const cJSON* first_member(const cJSON* value);
const cJSON* next_member(const cJSON* member);
std::string_view key_of(const cJSON* member);
// The first member with this key; null if there is none.
const cJSON* member(const cJSON* object, const char* key);

// The value, if it is of that type. An integer is judged by its value and is between -2^53 and 2^53,
// both excluded.
std::optional<std::string_view> as_string(const cJSON* value);
std::optional<int64_t> as_integer(const cJSON* value);
std::optional<bool> as_boolean(const cJSON* value);

}  // namespace wire
