// See json.h.
#include "worker/wire/json.h"

#include <cjson/cJSON.h>

#include <cmath>

namespace wire {

void JsonDelete::operator()(cJSON* tree) const {
  cJSON_Delete(tree);
}

Json json_tree(std::string_view text) {
  const char* end = nullptr;
  Json tree(cJSON_ParseWithLengthOpts(text.data(), text.size(), &end, false));
  if (!tree) return nullptr;
  const size_t parsed = static_cast<size_t>(end - text.data());
  return text.find_first_not_of(" \t\r\n", parsed) == std::string_view::npos ? std::move(tree) : nullptr;
}

bool is_object(const cJSON* value) {
  return cJSON_IsObject(value);
}
bool is_array(const cJSON* value) {
  return cJSON_IsArray(value);
}
const cJSON* first_member(const cJSON* value) {
  return value->child;
}
const cJSON* next_member(const cJSON* member) {
  return member->next;
}
std::string_view key_of(const cJSON* member) {
  return member->string;
}

const cJSON* member(const cJSON* object, const char* key) {
  return cJSON_GetObjectItemCaseSensitive(object, key);
}

std::optional<std::string_view> as_string(const cJSON* value) {
  if (!cJSON_IsString(value)) return std::nullopt;
  return value->valuestring;  // ends at its NUL: scan() lets no other one pass
}

std::optional<int64_t> as_integer(const cJSON* value) {
  if (!cJSON_IsNumber(value)) return std::nullopt;
  const double n = value->valuedouble;
  if (!(std::fabs(n) < static_cast<double>(int_limit)) || n != std::trunc(n)) return std::nullopt;
  return static_cast<int64_t>(n);
}

std::optional<bool> as_boolean(const cJSON* value) {
  if (!cJSON_IsBool(value)) return std::nullopt;
  return cJSON_IsTrue(value);
}

}  // namespace wire
