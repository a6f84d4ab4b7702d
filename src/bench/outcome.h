// Outcome: what a run has found, and how it is told: a table for people, JSON for programs.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "bench/check.h"
#include "bench/count.h"
#include "bench/histogram.h"
#include "bench/options.h"
#include "bench/processes.h"

namespace bench {

// What was counted, and used, up to one moment.
struct Sample {
  int64_t at_us = 0;
  std::array<int64_t, count_names.size()> counts{};
  CpuTimes cpu{};
  int64_t pss_kib = 0;

  int64_t count(Count which) const { return counts[static_cast<size_t>(which)]; }
};

struct Outcome {
  Sample before;  // anybody connected
  Sample from;    // the time that is measured
  Sample to;
  Sample end;  // everything has come that came
  std::array<Histogram, latency_words.size()> latency;
  std::string unit;  // what CPU time is shared out among; empty: nothing
  std::string oddity;

  // A group's messages: the time until the last member had it; how many messages reached all.
  bool spread = false;
  Histogram to_all;
  int64_t to_all_within = 0;  // 100 ms

  std::optional<Verdict> verdict;  // with --verify

  double seconds() const { return static_cast<double>(to.at_us - from.at_us) / 1e6; }
  double rate(Count which) const;
  // Of the messages that were measured, and those that reached nobody are among them.
  double share_to_all_within() const;
  // Acknowledged and not delivered, or without an answer, at the end.
  int64_t unanswered() const;
  int64_t undelivered() const;
  int64_t unread() const;  // of history
  // Everything that was due, measured or not, is answered and delivered.
  bool settled() const;
  // Nothing that was promised is missing.
  bool good() const;
  // Seconds of CPU time within the time measured, by a place in side_names.
  double cpu(size_t side) const;
  double cores(size_t side) const;
  // Of the unit: how many within the time measured.
  int64_t units() const;
};

constexpr int64_t group_limit_us = 100000;

void print_table(const Outcome& outcome, const Options& options, const Processes& processes);
// False, and errno, if it can't be written.
bool write_json(const Outcome& outcome, const Options& options, const Processes& processes);

}  // namespace bench
