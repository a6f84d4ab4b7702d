// What chatbench measures with: the histogram's error, the schedule of an open loop, the stamp in a text, and
// how it tells what it found.
#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "bench/histogram.h"
#include "bench/outcome.h"
#include "bench/schedule.h"
#include "bench/stamp.h"
#include "tap.h"

namespace {

using bench::Histogram;
using bench::Schedule;

double error_of(int64_t got, int64_t expected) {
  return std::abs(static_cast<double>(got - expected)) / static_cast<double>(expected);
}

void test_empty() {
  const Histogram h;
  tap::is(h.quantile(0.5), 0, "no quantile of nothing");
  tap::is(h.share_within(10), 1.0, "all of nothing is within any limit");
}

void test_every_value() {
  double worst = 0;
  bool fine = true;
  for (int64_t value = 1; value < (int64_t{1} << 36); value += 1 + value / 300) {
    Histogram h;
    h.record(value);
    h.record(int64_t{1} << 36);  // so that the maximum does not cap the quantile
    const int64_t got = h.quantile(0.5);
    if (value < 128) fine &= got == value;
    worst = std::max(worst, error_of(got, value));
  }
  tap::ok(fine, "below 128 us every microsecond is its own");
  tap::ok(worst <= 0.008, "at most 0.8 % wrong up to 19 hours: " + std::to_string(worst));
}

void test_ends() {
  Histogram h;
  h.record(-5);
  tap::is(h.quantile(1), 0, "negative: 0");
  h.record(INT64_MAX);
  tap::is(h.max(), (int64_t{1} << 36) - 1, "too large: the largest there is");
  tap::is(h.count(), 2U, "both counted");
}

void test_quantiles() {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> latency(8, 1.5);
  std::vector<int64_t> values;
  Histogram h;
  for (int i = 0; i < 100000; ++i) {
    values.push_back(static_cast<int64_t>(latency(random)));
    h.record(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double q : {0.01, 0.5, 0.9, 0.99, 0.999}) {
    const int64_t exact = values[static_cast<size_t>(std::ceil(q * 100000)) - 1];
    tap::ok(error_of(h.quantile(q), exact) < 0.02, "quantile " + std::to_string(q) + " of a long tail");
  }
  tap::is(h.quantile(1), values.back(), "the maximum is exact");
  double sum = 0;
  for (const int64_t value : values) sum += static_cast<double>(value);
  tap::ok(std::abs(h.mean() - sum / 100000) < 1e-6 * sum, "the mean is exact");
  tap::ok(std::abs(h.share_within(values[49999]) - 0.5) < 0.02, "the share within the median is a half");
}

void test_sums() {
  Histogram a;
  Histogram b;
  for (int i = 0; i < 10; ++i) a.record(100);
  b.record(9000);
  Histogram both = a;
  both.add(b);
  tap::is(both.count(), 11U, "added up");
  tap::is(both.max(), 9000, "the larger maximum");
  const Histogram recent = both.since(a);
  tap::is(recent.count(), 1U, "what came since");
  tap::ok(error_of(recent.quantile(0.5), 9000) < 0.008, "and its quantile");
}

void test_schedule() {
  Schedule first(1000, 0, 3);
  Schedule last(1000, 2, 3);
  tap::is(first.due_us(), bench::never_us, "nothing is due before the start");
  for (Schedule* schedule : {&first, &last}) schedule->start(5000000);
  tap::is(first.due_us(), 5000000, "the first one is due at the start");
  tap::is(last.number(), 2, "process 2 of 3 begins with number 2");
  tap::is(last.due_us(), 5002000, "2 ms after the start");
  for (int i = 0; i < 1000000; ++i) last.advance();
  tap::is(last.number(), 3000002, "its numbers go up by three");
  tap::is(last.due_us(), 3005002000, "no error adds up in a million steps");

  Schedule odd(3, 0, 1);
  odd.start(0);
  for (int i = 0; i < 3 * 3600; ++i) odd.advance();
  tap::is(odd.due_us(), 3600 * bench::second_us, "nor where the step is no whole number");

  Schedule closed(0, 1, 2);
  closed.start(1);
  tap::ok(!closed.open() && closed.due_us() == bench::never_us, "in a closed loop nothing is due");
  closed.advance();
  tap::is(closed.number(), 3, "but it deals out numbers");
}

void test_stamp() {
  std::string text;
  bench::append_stamp(text, "b1234", bench::Stamp{17, 1234567890123}, 100);
  tap::is(text.size(), 100U, "as long as asked for");
  const auto stamp = bench::read_stamp(text, "b1234");
  tap::ok(stamp && stamp->number == 17 && stamp->due_us == 1234567890123, "read back");
  tap::ok(!bench::read_stamp(text, "b1235"), "another run's");
  tap::ok(!bench::read_stamp(text, "b123"), "a run whose name begins alike");
  for (const char* wrong : {"", "b1234", "b1234 ", "b1234 x 1 ", "b1234 1", "b1234 1 ", "b1234 1 2"})
    tap::ok(!bench::read_stamp(wrong, "b1234"), std::string("no stamp: '") + wrong + "'");
  std::string shortest;
  bench::append_stamp(shortest, "b12345678", bench::Stamp{INT64_MAX, INT64_MAX}, 1);
  tap::ok(shortest.size() <= bench::Stamp::longest, "the longest fits its bound");
}

void test_shares() {
  bench::Outcome outcome;
  const auto count = [&](bench::Count which) -> int64_t& {
    return outcome.end.counts[static_cast<size_t>(which)];
  };
  tap::is(outcome.share_to_all_within(), 0.0, "no message reached all");
  count(bench::Count::window_ok) = 4;
  outcome.to_all.record(50);
  outcome.to_all_within = 1;
  tap::is(outcome.share_to_all_within(), 0.25, "one of four; that three never did is no merit");
}

void test_settled() {
  bench::Outcome outcome;
  const auto count = [&](bench::Count which) -> int64_t& {
    return outcome.end.counts[static_cast<size_t>(which)];
  };
  tap::ok(outcome.settled() && outcome.good(), "nothing was due: nothing is missing");
  count(bench::Count::window_asked) = 2;
  count(bench::Count::window_read) = 1;
  tap::ok(!outcome.settled() && !outcome.good(), "history that was not answered is missing");
  count(bench::Count::window_read) = 2;
  tap::ok(outcome.settled() && outcome.good(), "nothing is, once it was");
}

}  // namespace

int main() {
  test_empty();
  test_every_value();
  test_ends();
  test_quantiles();
  test_sums();
  test_schedule();
  test_stamp();
  test_shares();
  test_settled();
  return tap::done();
}
