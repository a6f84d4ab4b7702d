// See bench.h.
#include "bench/bench.h"

#include <sys/random.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include "bench/enrol.h"
#include "bench/load.h"
#include "common/base/text.h"

namespace bench {
namespace {

constexpr int64_t patience_us = 60 * second_us;    // without anybody new being ready
constexpr int64_t head_start_us = second_us / 10;  // all processes have heard of the start
constexpr size_t spare_descriptors = 64;
constexpr useconds_t step = 10000;
constexpr useconds_t linger = 500000;  // what should not come may still come

std::atomic<bool> early{false};

std::string random_name() {
  std::array<char, 4> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw std::runtime_error("getrandom");
  return "b" + base::to_hex({bytes.data(), bytes.size()});
}

// How many a load process may have.
size_t raise_descriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur <= spare_descriptors)
    throw std::runtime_error("not enough with " + std::to_string(limit.rlim_cur) +
                             " file descriptors (ulimit -n)");
  return static_cast<size_t>(std::min<rlim_t>(limit.rlim_cur, 1 << 20)) - spare_descriptors;
}

// The run ends early, and is told all the same.
void stop_early(int) {
  early = true;
}

}  // namespace

Bench::Bench(Options options, const Kind& kind, Targets targets, Processes processes)
    : options_(std::move(options)),
      kind_(kind),
      targets_(std::move(targets)),
      processes_(std::move(processes)),
      plan_(kind.plan(options_)),
      name_(random_name()) {
  const size_t each = raise_descriptors();
  options_.processes = std::max(options_.processes, (plan_.connections + each - 1) / each) + plan_.apart;
}

Bench::~Bench() {
  for (const pid_t child : children_) kill(child, SIGKILL);
  for (const pid_t child : children_) waitpid(child, nullptr, 0);
}

Outcome Bench::run() {
  if (options_.verify) store_ = std::make_unique<Store>(options_.postgres);
  enrol();
  Outcome outcome;
  outcome.unit = plan_.unit;
  board_ = std::make_unique<Board>(options_.processes, plan_.spreads);
  outcome.before = sample(true);
  spawn();
  wait_ready();
  measure(outcome);
  drain();
  collect(outcome);
  finish();
  if (options_.verify) verify(outcome);
  return outcome;
}

void Bench::enrol() {
  if (!options_.users_file.empty()) {
    auto loaded = load_users(options_.users_file);
    if (!loaded) throw std::runtime_error(loaded.error().detail);
    users_ = std::move(*loaded);
  }
  if (users_.size() >= plan_.users) return;
  Poller poller;
  const auto filled = Enrol(poller, targets_).fill(users_, plan_.users, name_);
  if (!filled) throw std::runtime_error(base::Result<void>(filled).error().detail);
  if (options_.users_file.empty()) return;
  auto saved = save_users(options_.users_file, users_);
  if (!saved) throw std::runtime_error(saved.error().detail);
}

void Bench::spawn() {
  signal(SIGINT, stop_early);
  signal(SIGTERM, stop_early);
  names_ = std::make_unique<Names>(users_, name_);
  if (options_.verify)
    for (size_t i = 0; i < options_.processes; ++i) journals_.push_back(Journal::make_file());
  const Run run{options_, targets_, users_, name_, *board_, options_.processes, *names_, journals_};
  began_us_ = now_us();
  next_line_us_ = began_us_ + second_us;
  for (size_t i = 0; i < options_.processes; ++i) children_.push_back(start_load(kind_, run, i));
}

void Bench::check_children() {
  for (size_t i = 0; i < children_.size(); ++i) {
    if (waitpid(children_[i], nullptr, WNOHANG) == 0) continue;
    children_.erase(children_.begin() + static_cast<ptrdiff_t>(i));
    const std::string why = board_->parts()[i].failure.data();
    throw std::runtime_error(why.empty() ? "a load process has ended" : why);
  }
}

void Bench::wait_ready() {
  int64_t since = now_us();
  int64_t there = 0;
  while (!std::ranges::all_of(board_->parts(), [](const Part& part) { return part.ready.load(); })) {
    usleep(step);
    check_children();
    const int64_t now = now_us();
    progress(now);
    const int64_t logins = board_->sum(Count::logins);
    if (logins > there) since = now;
    there = logins;
    if (now - since > patience_us || early) {
      for (const Part& part : board_->parts())
        if (part.oddity[0] != '\0')
          throw std::runtime_error(std::string("not all can log in: ") + part.oddity.data());
      throw std::runtime_error("not all can log in");
    }
  }
}

void Bench::wait_until(int64_t at_us) {
  for (int64_t now = now_us(); now < at_us && !early; now = now_us()) {
    usleep(static_cast<useconds_t>(std::min<int64_t>(step, at_us - now)));
    check_children();
    progress(now_us());
  }
}

void Bench::measure(Outcome& outcome) {
  Control& control = board_->control();
  const int64_t start = now_us() + head_start_us;
  const int64_t from = start + std::llround(options_.warmup * second_us);
  const int64_t to = from + std::llround(options_.seconds * second_us);
  control.from_us = from;
  control.to_us = to;
  control.start_us = start;
  wait_until(from);
  outcome.from = sample(false);
  wait_until(to);
  if (early) {  // a moment ahead: nobody may have counted what is due later
    control.to_us = std::min(to, now_us() + head_start_us);
    early = false;
    wait_until(control.to_us);
  }
  outcome.to = sample(true);
}

bool Bench::all_begun() const {
  return std::ranges::all_of(board_->parts(), [](const Part& part) { return part.all_begun.load(); });
}

// Everything that was due is answered and delivered, or nothing comes any more, or nobody wants to wait. Who
// doesn't want to wait for what follows either can end the program.
void Bench::drain() {
  Outcome now;
  int64_t last = -1;
  const int64_t patience = std::llround(options_.drain * second_us);
  for (int64_t since = now_us(); now_us() - since < patience && !early;) {
    now.end = counted();
    if (all_begun() && now.settled()) break;
    const int64_t come = now.end.count(Count::ok) + now.end.count(Count::delivered) +
                         now.end.count(Count::back) + now.end.count(Count::window_ok) +
                         now.end.count(Count::window_read);
    if (come != last) since = now_us();
    last = come;
    usleep(step);
    check_children();
    progress(now_us());
  }
  for (const int number : {SIGINT, SIGTERM}) signal(number, SIG_DFL);
  if (options_.verify) usleep(linger);
}

void Bench::collect(Outcome& outcome) {
  outcome.end = counted();
  for (size_t i = 0; i < latency_words.size(); ++i) outcome.latency[i] = board_->sum(static_cast<Latency>(i));
  for (const Part& part : board_->parts())
    if (outcome.oddity.empty()) outcome.oddity = part.oddity.data();
  outcome.spread = !board_->spreads().empty();
  for (const Spread& spread : board_->spreads()) {
    if (spread.reached == 0) continue;
    // A message that did not reach all is none of these: it is among the undelivered.
    if (spread.reached != options_.members - 1) continue;
    outcome.to_all.record(spread.last_us);
    if (spread.last_us <= group_limit_us) ++outcome.to_all_within;
  }
}

void Bench::finish() {
  board_->control().stop = true;
  bool failed = false;
  for (const pid_t child : std::exchange(children_, {})) {
    int status = 0;
    failed |= waitpid(child, &status, 0) != child || status != 0;
  }
  if (!failed) return;
  for (const Part& part : board_->parts())
    if (part.failure[0] != '\0') throw std::runtime_error(part.failure.data());
  throw std::runtime_error("a load process did not end well");
}

// The clients' record, and what is stored: chatd is not asked.
void Bench::verify(Outcome& outcome) {
  std::vector<Record> records;
  for (const base::Fd& journal : journals_) Journal::read(journal.get(), records);
  outcome.verdict = check(records, store_->read(*names_, name_), *names_);
}

Sample Bench::counted() const {
  Sample sample;
  sample.at_us = now_us();
  for (size_t i = 0; i < count_names.size(); ++i) sample.counts[i] = board_->sum(static_cast<Count>(i));
  return sample;
}

Sample Bench::sample(bool memory) const {
  Sample sample = counted();
  sample.cpu = processes_.cpu();
  if (memory) sample.pss_kib = processes_.workers_pss_kib();
  return sample;
}

void Bench::progress(int64_t now) {
  if (now < next_line_us_) return;
  next_line_us_ += second_us;
  std::array<int64_t, count_names.size()> counts{};
  std::array<int64_t, count_names.size()> grown{};
  for (size_t i = 0; i < counts.size(); ++i) {
    counts[i] = board_->sum(static_cast<Count>(i));
    grown[i] = counts[i] - last_counts_[i];
  }
  const auto count = [](const auto& of, Count which) {
    return static_cast<long long>(of[static_cast<size_t>(which)]);
  };
  fprintf(stderr, "%4lld s  %6lld ok/s %7lld delivered/s %5lld logins/s",
          static_cast<long long>((now - began_us_) / second_us), count(grown, Count::ok),
          count(grown, Count::delivered), count(grown, Count::logins));
  for (const Latency kind : {Latency::ok, Latency::delivery, Latency::login, Latency::back}) {
    const Histogram all = board_->sum(kind);
    Histogram& last = last_latency_[static_cast<size_t>(kind)];
    const Histogram recent = all.since(last);
    last = all;
    if (recent.count() == 0) continue;
    fprintf(stderr, "  %s p50 %.1f p99 %.1f ms", latency_words[static_cast<size_t>(kind)].name.data(),
            static_cast<double>(recent.quantile(0.5)) / 1000,
            static_cast<double>(recent.quantile(0.99)) / 1000);
  }
  const long long errors = count(counts, Count::refused) + count(counts, Count::lost) +
                           count(counts, Count::disordered) + count(counts, Count::nonsense);
  fprintf(stderr, "  %lld connections %lld errors\n", count(counts, Count::connections), errors);
  last_counts_ = counts;
}

}  // namespace bench
