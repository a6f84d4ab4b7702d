// See check.h. First everything is put where it belongs: answers to their sends, deliveries to their readers;
// then each is judged by itself.
#include "bench/check.h"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "bench/view.h"

namespace bench {
namespace {

struct Send {
  const Record* due = nullptr;
  const Stored::Message* stored = nullptr;
  int64_t seq = -1;      // as it was acknowledged
  bool refused = false;  // for good

  bool answered() const { return seq >= 0 || refused; }
};

class Checker {
 public:
  Checker(const std::vector<Record>& records, const Stored& stored, const Names& names);
  Verdict run();

 private:
  void take(const Record& record);
  void take_answer(const Record& record);
  void match(const Stored::Message& message);
  void judge_send(int32_t number, const Send& send);
  void judge_stored(const Send& send);
  void judge_conversation(const Stored::Conversation& conversation);
  std::span<const Stored::Message> messages_of(Conv conv) const;

  const Stored& stored_;
  const Names& names_;
  std::vector<Stored::Message> messages_;  // by conversation and seq
  std::map<int32_t, Send> sends_;
  std::map<std::pair<Conv, int32_t>, View> views_;
  Verdict verdict_;
};

Checker::Checker(const std::vector<Record>& records, const Stored& stored, const Names& names)
    : stored_(stored), names_(names), messages_(stored.messages) {
  for (const Record& record : records)
    if (record.kind == Record::Kind::send) sends_[record.number].due = &record;
  verdict_.sent = static_cast<int64_t>(sends_.size());
  for (const Record& record : records) take(record);
  for (const Stored::Membership& m : stored.memberships)
    if (m.who != nobody) views_[{m.conv, m.who}].take(m);
  std::ranges::sort(messages_, {}, [](const Stored::Message& m) { return std::pair(m.conv, m.seq); });
}

Verdict Checker::run() {
  verdict_.stored = static_cast<int64_t>(messages_.size());
  for (const Stored::Message& message : messages_) match(message);
  for (const auto& [number, send] : sends_) judge_send(number, send);
  for (const auto& conversation : stored_.conversations) judge_conversation(conversation);
  for (const auto& [place, view] : views_)
    view.judge(place.second, messages_of(place.first), names_, verdict_);
  return std::move(verdict_);
}

void Checker::take(const Record& record) {
  switch (record.kind) {
    case Record::Kind::send:
      return;
    case Record::Kind::ok:
    case Record::Kind::refused:
      return take_answer(record);
    case Record::Kind::put_off:
      ++verdict_.put_off;
      return;
    case Record::Kind::delivery:
    case Record::Kind::ack:
      if (record.conv.known()) views_[{record.conv, record.who}].take(record);
  }
}

void Checker::take_answer(const Record& record) {
  Send& send = sends_[record.number];
  send.refused = record.kind == Record::Kind::refused;
  if (send.refused) return;
  if (send.seq < 0) ++verdict_.acknowledged;
  if (send.seq >= 0 && send.seq != record.seq)
    verdict_.add(Fault::mismatched, "message " + std::to_string(record.number) + " was acknowledged as seq " +
                                        std::to_string(send.seq) + " and " + std::to_string(record.seq));
  send.seq = record.seq;
}

// A (sender, cid) that is stored twice is a double wherever it stands.
void Checker::match(const Stored::Message& message) {
  const auto at = sends_.find(message.number);
  if (at == sends_.end() || at->second.due == nullptr)
    return verdict_.add(Fault::mismatched, told(message, names_) + " was never sent");
  Send& send = at->second;
  if (send.stored != nullptr)
    verdict_.add(Fault::doubled, told(message, names_) + ", and " + told(*send.stored, names_));
  send.stored = &message;
}

void Checker::judge_send(int32_t number, const Send& send) {
  const std::string what = "message " + std::to_string(number);
  if (send.due == nullptr) return verdict_.add(Fault::mismatched, what + " was answered and never sent");
  const std::string way = what + " of " + names_.of(send.due->who) + " to " + names_.of(send.due->conv);
  if (!send.answered()) verdict_.add(Fault::open, way);
  if (send.stored != nullptr) return judge_stored(send);
  if (send.seq >= 0) verdict_.add(Fault::lost, way + " was acknowledged as seq " + std::to_string(send.seq));
}

void Checker::judge_stored(const Send& send) {
  const Stored::Message& stored = *send.stored;
  const std::string what = told(stored, names_);
  if (send.refused)
    verdict_.add(Fault::mismatched, what + " was refused");
  else if (stored.conv != send.due->conv || stored.from != send.due->who)
    verdict_.add(Fault::mismatched, what + " was sent to " + names_.of(send.due->conv));
  else if (send.seq >= 0 && stored.seq != send.seq)
    verdict_.add(Fault::mismatched, what + " was acknowledged as seq " + std::to_string(send.seq));
  if (stored.text != send.due->text) verdict_.add(Fault::altered, what + " is stored as another text");
}

void Checker::judge_conversation(const Stored::Conversation& c) {
  const bool whole = c.count == c.last_seq && c.highest == c.last_seq && (c.count == 0 || c.lowest == 1);
  if (whole) return;
  verdict_.add(Fault::gap, names_.of(c.conv) + ": " + std::to_string(c.count) + " messages from seq " +
                               std::to_string(c.lowest) + " to " + std::to_string(c.highest) +
                               ", the last is " + std::to_string(c.last_seq));
}

std::span<const Stored::Message> Checker::messages_of(Conv conv) const {
  const auto begin = std::ranges::lower_bound(messages_, conv, {}, &Stored::Message::conv);
  const auto end = std::ranges::upper_bound(messages_, conv, {}, &Stored::Message::conv);
  return {begin, end};
}

// The longest time in which a send was due and none was acknowledged.
int64_t longest_silence(const std::vector<Record>& records) {
  std::vector<const Record*> events;
  for (const Record& record : records)
    if (record.kind == Record::Kind::send || record.kind == Record::Kind::ok ||
        record.kind == Record::Kind::refused)
      events.push_back(&record);
  std::ranges::stable_sort(events, {}, &Record::time_us);
  int64_t waiting = 0;
  int64_t since = 0;
  int64_t longest = 0;
  for (const Record* event : events) {
    const bool due = event->kind == Record::Kind::send;
    if (!due) longest = std::max(longest, event->time_us - since);
    if (!due || waiting <= 0) since = event->time_us;
    waiting += due ? 1 : -1;
  }
  return longest;
}

}  // namespace

void Verdict::add(Fault fault, const std::string& what) {
  const auto place = static_cast<size_t>(fault);
  ++faults[place];
  if (first[place].size() < shown) first[place].push_back(what);
}

bool Verdict::good() const {
  return std::ranges::all_of(faults, [](int64_t count) { return count == 0; });
}

Verdict check(const std::vector<Record>& records, const Stored& stored, const Names& names) {
  Verdict verdict = Checker(records, stored, names).run();
  verdict.longest_silence_us = longest_silence(records);
  return verdict;
}

}  // namespace bench
