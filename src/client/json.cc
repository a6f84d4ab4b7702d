// See json.h.
#include "client/json.h"

#include <cjson/cJSON.h>

#include <cmath>
#include <new>
#include <string>

#include "common/base/text.h"

namespace client {
namespace {

constexpr double number_limit = 9007199254740992.0;  // 2^53: beyond it a double loses whole numbers

struct FreeText {
  void operator()(char* text) const { cJSON_free(text); }
};

const cJSON* member(const cJSON* object, const char* name) {
  return cJSON_GetObjectItemCaseSensitive(object, name);
}

cJSON* checked(cJSON* made) {
  if (made == nullptr) throw std::bad_alloc();
  return made;
}

}  // namespace

void Json::Free::operator()(cJSON* node) const {
  cJSON_Delete(node);
}

Json::Json() : root_(checked(cJSON_CreateObject())) {}

Json Json::request(std::string_view op) {
  Json json;
  json.add_text("op", op);
  return json;
}

std::optional<Json> Json::parse(std::string_view line) {
  if (line.find('\0') != std::string_view::npos || !base::is_utf8(line)) return std::nullopt;
  const char* end = nullptr;
  Json json(cJSON_ParseWithLengthOpts(line.data(), line.size(), &end, 0));
  if (!json.root_ || !cJSON_IsObject(json.root_.get())) return std::nullopt;
  const auto used = static_cast<size_t>(end - line.data());
  if (line.find_first_not_of(" \t\r\n", used) != std::string_view::npos) return std::nullopt;
  return json;
}

std::optional<std::string> Json::text(const char* name) const {
  const cJSON* item = member(root_.get(), name);
  if (!cJSON_IsString(item)) return std::nullopt;
  return std::string(item->valuestring);
}

std::optional<int64_t> Json::number(const char* name) const {
  const cJSON* item = member(root_.get(), name);
  if (!cJSON_IsNumber(item)) return std::nullopt;
  const double value = item->valuedouble;
  if (std::trunc(value) != value || std::fabs(value) >= number_limit) return std::nullopt;
  return static_cast<int64_t>(value);
}

bool Json::flag(const char* name) const {
  return cJSON_IsTrue(member(root_.get(), name)) != 0;
}

Json& Json::add_text(const char* name, std::string_view value) {
  checked(cJSON_AddStringToObject(root_.get(), name, std::string(value).c_str()));
  return *this;
}

Json& Json::add_number(const char* name, int64_t value) {
  // Not as a number: cJSON writes those above 10^15 with 15 digits.
  checked(cJSON_AddRawToObject(root_.get(), name, std::to_string(value).c_str()));
  return *this;
}

Json& Json::add_flag(const char* name, bool value) {
  checked(cJSON_AddBoolToObject(root_.get(), name, value));
  return *this;
}

std::string Json::print() const {
  const std::unique_ptr<char, FreeText> text(cJSON_PrintUnformatted(root_.get()));
  if (!text) throw std::bad_alloc();
  return text.get();
}

}  // namespace client
