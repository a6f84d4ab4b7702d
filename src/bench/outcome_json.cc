// An outcome as one JSON object, for programs. See outcome.h.
#include <cjson/cJSON.h>

#include <cstdio>
#include <memory>
#include <new>

#include "bench/outcome.h"

namespace bench {
namespace {

struct FreeNode {
  void operator()(cJSON* node) const { cJSON_Delete(node); }
};
struct FreeText {
  void operator()(char* text) const { cJSON_free(text); }
};
struct Close {
  void operator()(FILE* file) const { fclose(file); }
};

cJSON* checked(cJSON* node) {
  if (node == nullptr) throw std::bad_alloc();
  return node;
}

cJSON* object(cJSON* in, const char* name) {
  return checked(cJSON_AddObjectToObject(in, name));
}

void number(cJSON* in, const char* name, double value) {
  checked(cJSON_AddNumberToObject(in, name, value));
}

void add_latency(cJSON* in, const char* name, const Histogram& h) {
  if (h.count() == 0) return;
  cJSON* const out = object(in, name);
  number(out, "count", static_cast<double>(h.count()));
  number(out, "mean", h.mean() / 1000);
  number(out, "p50", static_cast<double>(h.quantile(0.5)) / 1000);
  number(out, "p90", static_cast<double>(h.quantile(0.9)) / 1000);
  number(out, "p99", static_cast<double>(h.quantile(0.99)) / 1000);
  number(out, "p999", static_cast<double>(h.quantile(0.999)) / 1000);
  number(out, "max", static_cast<double>(h.max()) / 1000);
}

void add_options(cJSON* root, const Options& options) {
  checked(cJSON_AddStringToObject(root, "scenario", options.scenario.c_str()));
  cJSON* const out = object(root, "options");
  cJSON* const targets = checked(cJSON_AddArrayToObject(out, "targets"));
  for (const client::Address& target : options.targets)
    cJSON_AddItemToArray(targets, checked(cJSON_CreateString(target.text().c_str())));
  number(out, "processes", static_cast<double>(options.processes));
  number(out, "rate", options.rate);
  number(out, "size", static_cast<double>(options.size));
  if (options.scenario == "pairs" || options.scenario == "latency") {
    number(out, "pairs", static_cast<double>(options.pairs));
    if (options.rate == 0) number(out, "inflight", static_cast<double>(options.inflight));
  }
  if (options.scenario == "groups") number(out, "members", static_cast<double>(options.members));
}

void add_cpu(cJSON* root, const Outcome& outcome, const Processes& processes) {
  cJSON* const cores = object(root, "cpu_cores");
  cJSON* const each = object(root, "cpu_us_each");
  for (size_t i = 0; i < side_names.size(); ++i) {
    if (!processes.known(i)) continue;
    number(cores, side_names[i].data(), outcome.cores(i));
    if (!outcome.unit.empty() && outcome.units() > 0)
      number(each, side_names[i].data(), outcome.cpu(i) * 1e6 / static_cast<double>(outcome.units()));
  }
}

void add_results(cJSON* root, const Outcome& outcome) {
  number(root, "seconds", outcome.seconds());
  cJSON* const rate = object(root, "rate");
  number(rate, "ok", outcome.rate(Count::ok));
  number(rate, "delivered", outcome.rate(Count::delivered));
  number(rate, "logins", outcome.rate(Count::logins));
  cJSON* const latency = object(root, "latency_ms");
  for (size_t i = 0; i < latency_words.size(); ++i)
    add_latency(latency, latency_words[i].name.data(), outcome.latency[i]);
  if (outcome.spread) {
    add_latency(latency, "last_member", outcome.to_all);
    number(root, "reached_all_within_100ms", static_cast<double>(outcome.to_all_within));
  }
  cJSON* const counts = object(root, "counts");
  for (size_t i = 0; i < count_names.size(); ++i)
    number(counts, count_names[i].data(), static_cast<double>(outcome.end.counts[i]));
  number(counts, "unanswered", static_cast<double>(outcome.unanswered()));
  number(counts, "undelivered", static_cast<double>(outcome.undelivered()));
  number(counts, "unread", static_cast<double>(outcome.unread()));
  checked(cJSON_AddBoolToObject(root, "good", outcome.good()));
  if (outcome.before.pss_kib == 0) return;
  cJSON* const pss = object(root, "workers_pss_kib");
  number(pss, "before", static_cast<double>(outcome.before.pss_kib));
  number(pss, "after", static_cast<double>(outcome.to.pss_kib));
}

void add_verdict(cJSON* root, const Verdict& verdict) {
  cJSON* const out = object(root, "verify");
  number(out, "sent", static_cast<double>(verdict.sent));
  number(out, "acknowledged", static_cast<double>(verdict.acknowledged));
  number(out, "stored", static_cast<double>(verdict.stored));
  number(out, "delivered", static_cast<double>(verdict.delivered));
  number(out, "repeated", static_cast<double>(verdict.repeated));
  number(out, "put_off", static_cast<double>(verdict.put_off));
  number(out, "longest_silence_ms", static_cast<double>(verdict.longest_silence_us) / 1000);
  number(out, "longest_delivery_ms", static_cast<double>(verdict.longest_delivery_us) / 1000);
  cJSON* const faults = object(out, "faults");
  cJSON* const first = checked(cJSON_AddArrayToObject(out, "first"));
  for (size_t i = 0; i < fault_words.size(); ++i) {
    number(faults, fault_words[i].name.data(), static_cast<double>(verdict.faults[i]));
    for (const std::string& what : verdict.first[i]) {
      const std::string line = std::string(fault_words[i].name) + ": " + what;
      cJSON_AddItemToArray(first, checked(cJSON_CreateString(line.c_str())));
    }
  }
  checked(cJSON_AddBoolToObject(out, "good", verdict.good()));
}

}  // namespace

bool write_json(const Outcome& outcome, const Options& options, const Processes& processes) {
  const std::unique_ptr<cJSON, FreeNode> root(checked(cJSON_CreateObject()));
  add_options(root.get(), options);
  add_results(root.get(), outcome);
  add_cpu(root.get(), outcome, processes);
  if (outcome.verdict) add_verdict(root.get(), *outcome.verdict);
  const std::unique_ptr<char, FreeText> text(cJSON_Print(root.get()));
  if (!text) throw std::bad_alloc();
  const std::unique_ptr<FILE, Close> file(fopen(options.json.c_str(), "we"));
  return file && fprintf(file.get(), "%s\n", text.get()) > 0 && fflush(file.get()) == 0;
}

}  // namespace bench
