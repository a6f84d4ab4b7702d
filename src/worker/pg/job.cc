// See job.h. Which SQLSTATE is worth another try: PostgreSQL's appendix A.
#include "worker/pg/job.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace pg {
namespace {

// Classes (two letters) and codes (five) that pass by themselves.
constexpr std::array<std::string_view, 8> passing = {
    "08",     // connection exceptions
    "53",     // no memory, disk full, too many connections
    "57",     // shutdown, crash, cannot connect now, statement timeout
    "58",     // the server's disk
    "40",     // serialization failure, deadlock
    "25006",  // a standby: read-only
    "55P03",  // lock timeout
    "55006",  // object in use
};

}  // namespace

bool Outcome::transient() const {
  if (fate != Fate::failed) return true;
  return std::any_of(passing.begin(), passing.end(),
                     [this](std::string_view prefix) { return sqlstate.starts_with(prefix); });
}

base::Error Outcome::error() const {
  if (transient()) return base::unavailable("the store can't be reached");
  return base::internal("the store refused: " + sqlstate + " " + detail);
}

size_t Job::bytes() const {
  size_t sum = 0;
  for (const Query& query : queries) sum += query.params.bytes();
  return sum;
}

}  // namespace pg
