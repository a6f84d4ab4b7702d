// Json: one JSON object, owned; the only place of the client that knows cJSON.
//
// What arrives is looked at before it is parsed (UTF-8, no NUL, one object and nothing behind it); members
// are found by their exact name. It never throws, and a missing or mistyped member is simply absent.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct cJSON;

namespace client {

class Json {
 public:
  // An empty object.
  Json();
  // {"op": name}: the beginning of a request.
  static Json request(std::string_view op);
  // nullopt if `line` is not exactly one object.
  static std::optional<Json> parse(std::string_view line);

  std::optional<std::string> text(const char* name) const;
  std::optional<int64_t> number(const char* name) const;  // a whole one below 2^53
  bool flag(const char* name) const;                      // true: there, and true

  // For building; each returns *this. REQUIRES: `name` is not there yet; `value` is UTF-8 without NUL.
  Json& add_text(const char* name, std::string_view value);
  Json& add_number(const char* name, int64_t value);
  Json& add_flag(const char* name, bool value);

  std::string print() const;  // one line, no spaces

 private:
  struct Free {
    void operator()(cJSON* node) const;
  };
  explicit Json(cJSON* node) : root_(node) {}

  std::unique_ptr<cJSON, Free> root_;
};

}  // namespace client
