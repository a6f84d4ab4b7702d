// What is said of an outage: each reason once, again after a minute, and never without a bound. Its clock is
// a number: nothing is waited for.
#include "common/base/outage.h"

#include "tap.h"

namespace {

constexpr int64_t minute = 60000;

void each_reason_once() {
  base::Outage outage;
  tap::ok(!outage.end(), "there was none");
  tap::ok(outage.worth_telling("refused", 0), "the first reason is told");
  tap::ok(!outage.worth_telling("refused", minute - 1), "not again within a minute");
  tap::ok(outage.worth_telling("wrong password", minute - 1), "another one is");
  tap::ok(outage.worth_telling("refused", minute), "after a minute the first is told again");
  tap::ok(outage.end() && !outage.end(), "it is over once");
  tap::ok(outage.worth_telling("refused", minute + 1), "the next outage is another one");
}

void reasons_without_end() {
  base::Outage outage;
  int told = 0;
  for (int i = 0; i < 1000; ++i) told += outage.worth_telling(std::to_string(i), i) ? 1 : 0;
  tap::is(told, 16, "reasons that always differ are told up to a bound");
}

}  // namespace

int main() {
  each_reason_once();
  reasons_without_end();
  return tap::done();
}
