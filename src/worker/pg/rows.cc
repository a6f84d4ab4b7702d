// See rows.h.
#include "worker/pg/rows.h"

#include <endian.h>
#include <libpq-fe.h>

#include <cassert>
#include <cstdlib>
#include <cstring>

namespace pg {
namespace {

// PostgreSQL counts microseconds from 2000-01-01.
constexpr int64_t epoch_difference_us = 946684800LL * 1000000;

}  // namespace

Rows::Rows(pg_result* result) : result_(result, PQclear) {}

int Rows::count() const {
  return PQntuples(result_.get());
}
int Rows::affected() const {
  return std::atoi(PQcmdTuples(result_.get()));
}
bool Rows::is_null(int row, int column) const {
  return PQgetisnull(result_.get(), row, column) != 0;
}

int64_t Rows::int8(int row, int column) const {
  assert(PQgetlength(result_.get(), row, column) == 8);
  uint64_t big = 0;
  std::memcpy(&big, PQgetvalue(result_.get(), row, column), sizeof big);
  return static_cast<int64_t>(be64toh(big));
}

int32_t Rows::int4(int row, int column) const {
  assert(PQgetlength(result_.get(), row, column) == 4);
  uint32_t big = 0;
  std::memcpy(&big, PQgetvalue(result_.get(), row, column), sizeof big);
  return static_cast<int32_t>(be32toh(big));
}

bool Rows::boolean(int row, int column) const {
  return *PQgetvalue(result_.get(), row, column) != 0;
}

std::string_view Rows::text(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column),
          static_cast<size_t>(PQgetlength(result_.get(), row, column))};
}

int64_t Rows::micros(int row, int column) const {
  return int8(row, column) + epoch_difference_us;
}

}  // namespace pg
