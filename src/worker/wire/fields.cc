// The getters of Request: each takes one field, by type and limits, or says what is wrong with it.
#include "common/base/text.h"
#include "worker/wire/request.h"

namespace wire {
namespace {

base::Error wrong(const char* key, const std::string& expected) {
  return base::bad_field(key, "must be " + expected);
}

base::Error wrong_size(const char* key, size_t min, size_t max) {
  return wrong(key, "of " + std::to_string(min) + " to " + std::to_string(max) + " bytes");
}

// A required getter, where the field is there, as an optional one.
template <class T>
base::Result<std::optional<T>> optionally(base::Result<T> got) {
  if (!got) return std::move(got.error());
  return std::optional<T>(std::move(*got));
}

}  // namespace

base::Result<const cJSON*> Request::required(const char* key) const {
  const cJSON* m = member(tree_.get(), key);
  if (m == nullptr) return base::bad_field(key, "is missing");
  return m;
}

base::Result<std::string> Request::string(const char* key, size_t min, size_t max) const {
  auto field = required(key);
  if (!field) return field.error();
  const auto value = as_string(*field);
  if (!value) return wrong(key, "a string");
  if (value->size() < min || value->size() > max) return wrong_size(key, min, max);
  return std::string(*value);
}

base::Result<std::optional<std::string>> Request::optional_string(const char* key, size_t min,
                                                                  size_t max) const {
  if (!has(key)) return std::optional<std::string>();
  return optionally(string(key, min, max));
}

base::Result<std::string> Request::text(const char* key, size_t max) const {
  auto field = required(key);
  if (!field) return field.error();
  const auto value = as_string(*field);
  if (!value) return wrong(key, "a string");
  if (value->empty()) return wrong_size(key, 1, max);
  if (value->size() > max) {
    base::Error e;
    e.code = base::Code::text_too_long;
    e.detail = "at most " + std::to_string(max) + " bytes";
    return e;
  }
  return std::string(*value);
}

base::Result<std::string> Request::choice(const char* key,
                                          std::initializer_list<std::string_view> words) const {
  auto field = required(key);
  if (!field) return field.error();
  const auto value = as_string(*field);
  std::string expected;
  for (std::string_view word : words) {
    if (value && *value == word) return std::string(word);
    expected.append(expected.empty() ? "" : ", ").append(word);
  }
  return wrong(key, "one of " + expected);
}

base::Result<std::optional<std::string>> Request::optional_choice(
    const char* key, std::initializer_list<std::string_view> words) const {
  if (!has(key)) return std::optional<std::string>();
  return optionally(choice(key, words));
}

base::Result<int64_t> Request::integer(const char* key, int64_t min, int64_t max) const {
  auto field = required(key);
  if (!field) return field.error();
  const auto value = as_integer(*field);
  if (!value || *value < min || *value > max)
    return wrong(key, "an integer from " + std::to_string(min) + " to " + std::to_string(max));
  return *value;
}

base::Result<std::optional<int64_t>> Request::optional_integer(const char* key, int64_t min,
                                                               int64_t max) const {
  if (!has(key)) return std::optional<int64_t>();
  return optionally(integer(key, min, max));
}

base::Result<bool> Request::boolean(const char* key) const {
  auto field = required(key);
  if (!field) return field.error();
  const auto value = as_boolean(*field);
  if (!value) return wrong(key, "true or false");
  return *value;
}

base::Result<std::optional<bool>> Request::optional_boolean(const char* key) const {
  if (!has(key)) return std::optional<bool>();
  return optionally(boolean(key));
}

base::Result<std::string> Request::user(const char* key) const {
  auto field = required(key);
  if (!field) return field.error();
  const auto value = as_string(*field);
  if (!value || !base::is_name(*value)) return wrong(key, "a user's name");
  return std::string(*value);
}

base::Result<std::string> Request::group(const char* key) const {
  auto given = address(key);
  if (!given || given->kind != '#') {
    if (!has(key)) return std::move(given.error());
    return wrong(key, "#group");
  }
  return std::move(given->name);
}

base::Result<Address> Request::address(const char* key) const {
  auto field = required(key);
  if (!field) return field.error();
  const auto value = as_string(*field);
  const char kind = value && !value->empty() ? value->front() : '\0';
  if ((kind != '@' && kind != '#') || !base::is_name(value->substr(1))) return wrong(key, "@user or #group");
  Address address;
  address.kind = kind;
  address.name = value->substr(1);
  return address;
}

base::Result<std::vector<std::string>> Request::users(const char* key, size_t max) const {
  auto field = required(key);
  if (!field) return field.error();
  if (!is_array(*field)) return wrong(key, "a list of users' names");
  std::vector<std::string> names;
  for (const cJSON* m = first_member(*field); m != nullptr; m = next_member(m)) {
    const auto name = as_string(m);
    if (!name || !base::is_name(*name)) return wrong(key, "a list of users' names");
    if (names.size() == max) return wrong(key, "a list of at most " + std::to_string(max));
    names.emplace_back(*name);
  }
  return names;
}

}  // namespace wire
