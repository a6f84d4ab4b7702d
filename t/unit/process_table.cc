// The process table: when a worker that died is started again. The clock is a number.
#include "master/process_table.h"

#include "tap.h"

using master::Process;
using master::ProcessTable;
using master::Told;

namespace {

constexpr int64_t delay_max = 60000;

// Lets the next due worker live for so long; how long its successor has to wait then.
int64_t wait_after_life(ProcessTable& table, int64_t& now, int64_t life) {
  now = std::max(now, table.next_start().value_or(now));
  Process* process = table.due(now);
  if (process == nullptr) return -1;
  table.started(*process, 100, base::Fd(), now);
  now += life;
  table.ended(*process, now, delay_max);
  return table.next_start().value_or(-1) - now;
}

void backoff() {
  ProcessTable table;
  int64_t now = 1000;
  table.add(1, 0, now);
  tap::is(wait_after_life(table, now, 60000), 0, "who had lived is replaced at once");
  tap::is(wait_after_life(table, now, 10), 0, "a first death in youth: at once");
  const int64_t expected[] = {2000, 4000, 8000, 16000, 32000, 60000, 60000};
  for (const int64_t wait : expected)
    tap::is(wait_after_life(table, now, 10), wait, "then after " + std::to_string(wait) + " ms");
  tap::is(wait_after_life(table, now, 5000), 0, "one that lives ends the waiting");
  tap::is(wait_after_life(table, now, 10), 0, "and the count begins anew");
  tap::is(wait_after_life(table, now, 10), 2000, "at 2 s");
}

void due() {
  ProcessTable table;
  table.add(1, 0, 500);
  table.add(1, 1, 700);
  tap::ok(table.due(499) == nullptr, "nothing is due before its time");
  tap::is(table.next_start().value_or(-1), 500, "the next start is the earliest");
  Process* first = table.due(600);
  tap::ok(first != nullptr && first->slot == 0, "what is due comes");
  table.started(*first, 42, base::Fd(), 600);
  tap::ok(table.find(42) == first && table.find(43) == nullptr && table.find(0) == nullptr,
          "a process is found by its pid, and only while it runs");
  Process* second = table.due(700);
  tap::ok(table.ended(*second, 700, delay_max) && table.due(700) == second,
          "one that could not be forked is tried again");
  table.ended(*second, 700, delay_max);
  tap::is(table.next_start().value_or(-1), 2700, "but not for ever at once");
}

void leaving() {
  ProcessTable table;
  table.add(1, 0, 0);
  table.add(1, 1, 0);
  table.add(2, 0, 0);
  Process* first = table.due(0);
  table.started(*first, 7, base::Fd(), 0);
  table.cancel(1);
  tap::is(table.all().size(), 2u, "a retiring generation starts no more");
  first->told = Told::quit;
  first->killed = true;
  tap::ok(!table.ended(*first, 10, delay_max), "who was told to leave has no successor, killed or not");
  tap::ok(!table.has(1) && table.has(2), "a generation is gone with its last worker");
}

}  // namespace

int main() {
  backoff();
  due();
  leaving();
  return tap::done();
}
