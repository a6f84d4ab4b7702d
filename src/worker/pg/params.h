// Params: the parameters of one query in PostgreSQL's binary format, in one buffer.
//
// A value is encoded once, at the call, and owned by the Params. Nothing is escaped, nothing is printed:
// SQL text never holds a value.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pg {

class Params {
 public:
  Params& int8(int64_t value);
  Params& int4(int32_t value);
  Params& boolean(bool value);
  Params& text(std::string_view value);  // REQUIRES: UTF-8 without NUL
  Params& bytea(std::string_view value);
  Params& null();

  // One-dimensional arrays; an element that is an empty optional string is NULL.
  Params& int8_array(std::span<const int64_t> values);
  Params& text_array(std::span<const std::string_view> values);
  // Like text_array, an empty element being NULL.
  Params& text_array_or_null(std::span<const std::string_view> values);
  Params& bytea_array(std::span<const std::string_view> values);
  // Each 16 bytes.
  Params& uuid_array(std::span<const std::string_view> values);

  size_t size() const { return ends_.size(); }
  size_t bytes() const { return data_.size(); }
  const char* value(size_t i) const;  // nullptr: NULL
  int length(size_t i) const;

 private:
  void begin_array(uint32_t element_type, size_t count, bool nullable);
  void put4(uint32_t value);
  void put8(uint64_t value);
  void element(std::string_view bytes);
  Params& end();

  std::string data_;
  std::vector<uint32_t> ends_;
  std::vector<bool> nulls_;
};

}  // namespace pg
