// Rates: bursts, refilling, keys that share a place, and several processes that count together.
#include "common/ipc/rate_table.h"

#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "tap.h"

namespace {

using ipc::Rate;
using ipc::RateTable;

int taken_of(RateTable& table, uint64_t key, Rate rate, int64_t now, int tries) {
  int taken = 0;
  for (int i = 0; i < tries; ++i) taken += table.take(key, rate, now) == 0;
  return taken;
}

void bursts() {
  RateTable table(16);
  const Rate rate{10, 5};
  tap::is(taken_of(table, 1, rate, 1000, 20), 5, "a burst at once, and no more");
  tap::is(table.take(1, rate, 1000), int64_t{100}, "the refusal says how long until one fits");
  tap::is(table.wait(1, rate, 1000), int64_t{100}, "asking says the same");
  tap::is(table.wait(1, rate, 1100), int64_t{0}, "after that time it may");
  tap::is(taken_of(table, 1, rate, 1100, 20), 1, "one, then, for asking took nothing");
  tap::is(taken_of(table, 1, rate, 3000, 20), 5,
          "a bucket holds no more than its burst, however long it rested");
  tap::is(taken_of(table, 2, rate, 1000, 20), 5, "another key has a bucket of its own");
  tap::is(taken_of(table, 1, Rate{0, 1}, 1000, 50), 50, "a rate of 0 is no limit");
}

void bounded() {
  RateTable table(1);
  const Rate rate{1, 3};
  for (uint64_t key = 1; key <= 3; ++key) taken_of(table, key, rate, 1000, 3);
  taken_of(table, 4, rate, 1000, 1);
  tap::is(taken_of(table, 5, rate, 1000, 9), 3, "a fifth key finds room");
  tap::is(table.wait(4, rate, 1000), int64_t{0}, "where the one was that drains first");
  tap::ok(table.wait(1, rate, 1000) > 0 && table.wait(3, rate, 1000) > 0,
          "the fuller ones are not forgotten");
}

void shared() {
  RateTable table(16);
  const Rate rate{1, 1000};
  for (int child = 0; child < 4; ++child)
    if (fork() == 0) _exit(taken_of(table, 7, rate, 1000, 1000) > 1000 ? 1 : 0);
  int status = 0;
  while (wait(&status) > 0) tap::is(status, 0, "a process counts");
  tap::is(taken_of(table, 7, rate, 1000, 10), 0, "what the others took is gone here too");
  tap::ok(table.seed() != RateTable(16).seed(), "every table has a seed of its own");
}

}  // namespace

int main() {
  bursts();
  bounded();
  shared();
  return tap::done();
}
