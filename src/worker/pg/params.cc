// See params.h. The formats are those of the *_send functions of PostgreSQL: network byte order.
#include "worker/pg/params.h"

#include <endian.h>

#include <cstring>

namespace pg {
namespace {

// pg_type.dat; libpq does not export them.
constexpr uint32_t oid_bytea = 17, oid_int8 = 20, oid_text = 25, oid_uuid = 2950;

}  // namespace

void Params::put4(uint32_t value) {
  const uint32_t big = htobe32(value);
  data_.append(reinterpret_cast<const char*>(&big), sizeof big);
}

void Params::put8(uint64_t value) {
  const uint64_t big = htobe64(value);
  data_.append(reinterpret_cast<const char*>(&big), sizeof big);
}

Params& Params::end() {
  ends_.push_back(static_cast<uint32_t>(data_.size()));
  nulls_.push_back(false);
  return *this;
}

Params& Params::int8(int64_t value) {
  put8(static_cast<uint64_t>(value));
  return end();
}

Params& Params::int4(int32_t value) {
  put4(static_cast<uint32_t>(value));
  return end();
}

Params& Params::boolean(bool value) {
  data_ += value ? '\1' : '\0';
  return end();
}

Params& Params::text(std::string_view value) {
  data_ += value;
  return end();
}

Params& Params::bytea(std::string_view value) {
  return text(value);
}

Params& Params::null() {
  end();
  nulls_.back() = true;
  return *this;
}

// array_recv: dimensions, flags, element type, then per dimension its size and lower bound.
void Params::begin_array(uint32_t element_type, size_t count, bool nullable) {
  put4(count == 0 ? 0 : 1);
  put4(nullable ? 1 : 0);
  put4(element_type);
  if (count == 0) return;
  put4(static_cast<uint32_t>(count));
  put4(1);
}

void Params::element(std::string_view bytes) {
  put4(static_cast<uint32_t>(bytes.size()));
  data_ += bytes;
}

Params& Params::int8_array(std::span<const int64_t> values) {
  begin_array(oid_int8, values.size(), false);
  for (int64_t value : values) {
    put4(8);
    put8(static_cast<uint64_t>(value));
  }
  return end();
}

Params& Params::text_array(std::span<const std::string_view> values) {
  begin_array(oid_text, values.size(), false);
  for (std::string_view value : values) element(value);
  return end();
}

Params& Params::text_array_or_null(std::span<const std::string_view> values) {
  begin_array(oid_text, values.size(), true);
  for (std::string_view value : values) {
    if (value.empty())
      put4(0xFFFFFFFF);
    else
      element(value);
  }
  return end();
}

Params& Params::bytea_array(std::span<const std::string_view> values) {
  begin_array(oid_bytea, values.size(), false);
  for (std::string_view value : values) element(value);
  return end();
}

Params& Params::uuid_array(std::span<const std::string_view> values) {
  begin_array(oid_uuid, values.size(), false);
  for (std::string_view value : values) element(value);
  return end();
}

const char* Params::value(size_t i) const {
  if (nulls_[i]) return nullptr;
  return data_.data() + (i == 0 ? 0 : ends_[i - 1]);
}

int Params::length(size_t i) const {
  return static_cast<int>(ends_[i] - (i == 0 ? 0 : ends_[i - 1]));
}

}  // namespace pg
