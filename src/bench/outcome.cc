// The arithmetic of an outcome, and its table. See outcome.h.
#include "bench/outcome.h"

#include <algorithm>
#include <cstdio>

namespace bench {

double Outcome::rate(Count which) const {
  return seconds() <= 0 ? 0 : static_cast<double>(to.count(which) - from.count(which)) / seconds();
}

int64_t Outcome::units() const {
  const Count which = unit == "login" ? Count::logins : Count::ok;
  return to.count(which) - from.count(which);
}

// Who was killed meanwhile takes its time along.
double Outcome::cpu(size_t side) const {
  return std::max(0.0, to.cpu[side] - from.cpu[side]);
}

double Outcome::cores(size_t side) const {
  return seconds() <= 0 ? 0 : cpu(side) / seconds();
}

double Outcome::share_to_all_within() const {
  const auto messages = static_cast<double>(end.count(Count::window_ok));
  return messages > 0 ? static_cast<double>(to_all_within) / messages : 0;
}

int64_t Outcome::unanswered() const {
  return end.count(Count::window_sent) - end.count(Count::window_ok) - end.count(Count::window_failed);
}

int64_t Outcome::undelivered() const {
  return end.count(Count::window_expected) - end.count(Count::window_delivered);
}

int64_t Outcome::unread() const {
  return end.count(Count::window_asked) - end.count(Count::window_read);
}

bool Outcome::settled() const {
  const int64_t open = end.count(Count::sent) - end.count(Count::ok) - end.count(Count::failed);
  const bool all_back = end.count(Count::gone) == end.count(Count::back);
  return open == 0 && all_back && end.count(Count::delivered) >= end.count(Count::expected) &&
         unanswered() == 0 && unread() == 0;
}

bool Outcome::good() const {
  if (verdict && !verdict->good()) return false;
  // A login may be refused, by a server that has enough to do; a message may not.
  const bool failed = unit == "message" && end.count(Count::window_failed) > 0;
  if (end.count(Count::gone) != end.count(Count::back)) return false;
  return unanswered() == 0 && undelivered() == 0 && unread() == 0 && !failed &&
         end.count(Count::disordered) == 0 && end.count(Count::nonsense) == 0;
}

namespace {

double ms(int64_t us) {
  return static_cast<double>(us) / 1000;
}

void print_latency(const char* name, const Histogram& h) {
  if (h.count() == 0) return;
  printf("%-24s %9llu %9.2f %9.2f %9.2f %9.2f %9.2f\n", name, static_cast<unsigned long long>(h.count()),
         ms(h.quantile(0.5)), ms(h.quantile(0.9)), ms(h.quantile(0.99)), ms(h.quantile(0.999)), ms(h.max()));
}

void print_latencies(const Outcome& outcome) {
  uint64_t count = 0;
  for (const Histogram& h : outcome.latency) count += h.count();
  if (count == 0) return;
  printf("\n%-24s %9s %9s %9s %9s %9s %9s\n", "latency, ms", "count", "p50", "p90", "p99", "p99.9", "max");
  for (size_t i = 0; i < latency_words.size(); ++i)
    print_latency(latency_words[i].told.data(), outcome.latency[i]);
  if (outcome.spread) print_latency("due to the last member", outcome.to_all);
}

void print_cpu(const Outcome& outcome, const Processes& processes) {
  const auto units = static_cast<double>(outcome.units());
  const bool each = !outcome.unit.empty() && units > 0;
  printf("\n%-24s %9s", "CPU", "cores");
  if (each) printf("    us a %s", outcome.unit.c_str());
  puts("");
  for (size_t i = 0; i < side_names.size(); ++i) {
    if (!processes.known(i)) continue;
    printf("%-24s %9.2f", side_names[i].data(), outcome.cores(i));
    if (each) printf(" %9.1f", outcome.cpu(i) * 1e6 / units);
    puts("");
  }
}

void print_memory(const Outcome& outcome) {
  const int64_t connections = outcome.to.count(Count::connections);
  if (outcome.before.pss_kib == 0 || connections == 0 || !outcome.unit.empty()) return;
  const int64_t grown = outcome.to.pss_kib - outcome.before.pss_kib;
  printf("\nworkers' memory (PSS)    %lld KiB before, %lld KiB with %lld connections: %.2f KiB each\n",
         static_cast<long long>(outcome.before.pss_kib), static_cast<long long>(outcome.to.pss_kib),
         static_cast<long long>(connections), static_cast<double>(grown) / static_cast<double>(connections));
}

void print_group(const Outcome& outcome) {
  if (!outcome.spread) return;
  printf("\nmessages that reached all members within 100 ms: %.2f %%; deliveries: %.2f %%\n",
         100 * outcome.share_to_all_within(),
         100 * outcome.latency[static_cast<size_t>(Latency::delivery)].share_within(group_limit_us));
}

void print_faults(const Outcome& outcome) {
  printf("\nunanswered %lld, acknowledged and not delivered %lld",
         static_cast<long long>(outcome.unanswered()), static_cast<long long>(outcome.undelivered()));
  for (const Count which : {Count::refused, Count::lost, Count::repeated, Count::disordered, Count::nonsense})
    printf(", %s %lld", count_names[static_cast<size_t>(which)].data(),
           static_cast<long long>(outcome.end.count(which)));
  puts("");
  if (const int64_t gone = outcome.end.count(Count::gone); gone > 0)
    printf("the storm: %lld connections, %lld are back\n", static_cast<long long>(gone),
           static_cast<long long>(outcome.end.count(Count::back)));
  if (outcome.unread() > 0)
    printf("history asked for and not answered: %lld\n", static_cast<long long>(outcome.unread()));
  if (!outcome.oddity.empty()) printf("the first: %s\n", outcome.oddity.c_str());
}

void print_verdict(const Verdict& verdict) {
  printf("\nverified: %lld sent, %lld acknowledged, %lld stored, %lld delivered, %lld again, %lld put off\n",
         static_cast<long long>(verdict.sent), static_cast<long long>(verdict.acknowledged),
         static_cast<long long>(verdict.stored), static_cast<long long>(verdict.delivered),
         static_cast<long long>(verdict.repeated), static_cast<long long>(verdict.put_off));
  printf("longest without an ok %.1f ms, from due to delivered %.1f ms\n", ms(verdict.longest_silence_us),
         ms(verdict.longest_delivery_us));
  for (size_t i = 0; i < fault_words.size(); ++i) {
    if (verdict.faults[i] == 0) continue;
    printf("%s: %lld\n", fault_words[i].told.data(), static_cast<long long>(verdict.faults[i]));
    for (const std::string& what : verdict.first[i]) printf("  %s\n", what.c_str());
  }
  puts(verdict.good() ? "nothing is missing, doubled, disordered or astray" : "NOT as promised");
}

}  // namespace

void print_table(const Outcome& outcome, const Options& options, const Processes& processes) {
  printf("\n%s: %.1f s measured, %lld connections\n", options.scenario.c_str(), outcome.seconds(),
         static_cast<long long>(outcome.to.count(Count::connections)));
  if (outcome.rate(Count::ok) > 0)
    printf("%.0f messages/s committed, %.0f/s delivered\n", outcome.rate(Count::ok),
           outcome.rate(Count::delivered));
  if (outcome.unit == "login") printf("%.0f logins/s\n", outcome.rate(Count::logins));
  print_latencies(outcome);
  print_group(outcome);
  print_cpu(outcome, processes);
  print_memory(outcome);
  print_faults(outcome);
  if (outcome.verdict) print_verdict(*outcome.verdict);
}

}  // namespace bench
