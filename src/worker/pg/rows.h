// Rows: one result in PostgreSQL's binary format. Owns the PGresult.
//
// Columns are asked for by number: the order stands in the statement beside the code that reads it.
// Wrong types are bugs, not input, so getters assert.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

struct pg_result;

namespace pg {

class Rows {
 public:
  explicit Rows(pg_result* result);  // takes it over; nullptr: no rows

  int count() const;
  bool empty() const { return count() == 0; }
  int affected() const;  // rows that an INSERT, UPDATE or DELETE touched

  bool is_null(int row, int column) const;
  int64_t int8(int row, int column) const;
  int32_t int4(int row, int column) const;
  bool boolean(int row, int column) const;
  std::string_view text(int row, int column) const;  // valid as long as the Rows
  int64_t micros(int row, int column) const;         // timestamptz: Unix time in microseconds
  int64_t millis(int row, int column) const { return micros(row, column) / 1000; }

 private:
  std::unique_ptr<pg_result, void (*)(pg_result*)> result_;
};

}  // namespace pg
