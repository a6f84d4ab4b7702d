// See view.h.
#include "bench/view.h"

#include <algorithm>

namespace bench {

// What a person saw: each message once, dropped by seq where it came again.
class View::Screen {
 public:
  explicit Screen(std::span<const Stored::Message> messages)
      : first_(messages.empty() ? 0 : messages.front().seq),
        shown_(messages.empty() ? 0 : static_cast<size_t>(messages.back().seq - first_) + 1) {}

  bool has(int64_t seq) const { return shown_[static_cast<size_t>(seq - first_)]; }
  // False if a later one was shown before.
  bool show(int64_t seq) {
    shown_[static_cast<size_t>(seq - first_)] = true;
    const bool in_order = seq > last_;
    last_ = std::max(last_, seq);
    return in_order;
  }
  int64_t last() const { return last_; }

 private:
  int64_t first_;
  int64_t last_ = 0;
  std::vector<bool> shown_;
};

namespace {

const Stored::Message* find(std::span<const Stored::Message> messages, int64_t seq) {
  const auto at = std::ranges::lower_bound(messages, seq, {}, &Stored::Message::seq);
  return at == messages.end() || at->seq != seq ? nullptr : &*at;
}

}  // namespace

std::string told(const Stored::Message& message, const Names& names) {
  return "message " + std::to_string(message.number) + ", seq " + std::to_string(message.seq) + " of " +
         names.of(message.conv);
}

void View::take(const Record& record) {
  if (record.kind == Record::Kind::ack)
    acked_ = std::max<int64_t>(acked_, record.seq);
  else
    deliveries_.push_back(&record);
}

bool View::may_see(int64_t seq) const {
  return std::ranges::any_of(
      memberships_, [seq](const Stored::Membership* m) { return seq > m->after && seq <= m->until; });
}

void View::judge(int32_t who, std::span<const Stored::Message> messages, const Names& names,
                 Verdict& verdict) const {
  Screen screen(messages);
  for (const Record* record : deliveries_) {
    const Stored::Message* const message = find(messages, record->seq);
    if (message != nullptr) {
      judge_delivery(*record, *message, names, verdict);
      if (message->from != who) show(*record, *message, screen, names, verdict);
    } else if (record->number >= 0) {  // else it is another run's
      verdict.add(Fault::phantom, "message " + std::to_string(record->number) + " as seq " +
                                      std::to_string(record->seq) + " of " + names.of(record->conv) + " to " +
                                      names.of(who));
    }
  }
  for (const Stored::Membership* membership : memberships_)
    if (membership->stays()) judge_rest(*membership, messages, screen, names, verdict);
}

// Not what it sent itself: that came as a reply, and as an event too where it was away meanwhile.
void View::show(const Record& record, const Stored::Message& message, Screen& screen, const Names& names,
                Verdict& verdict) {
  if (screen.has(message.seq)) {
    ++verdict.repeated;
    return;
  }
  ++verdict.delivered;
  if (const int64_t last = screen.last(); !screen.show(message.seq))
    verdict.add(Fault::disordered,
                told(message, names) + " to " + names.of(record.who) + " after seq " + std::to_string(last));
  verdict.longest_delivery_us = std::max(verdict.longest_delivery_us, record.time_us);
}

void View::judge_delivery(const Record& record, const Stored::Message& message, const Names& names,
                          Verdict& verdict) const {
  if (!may_see(record.seq))
    verdict.add(Fault::misdelivered, told(message, names) + " to " + names.of(record.who));
  if (record.text != message.text || record.from != message.from)
    verdict.add(Fault::altered,
                told(message, names) + " came to " + names.of(record.who) + " as another one");
}

// What a member had to get; and what is counted as received is not sent again, so that nobody but the client
// may say so.
void View::judge_rest(const Stored::Membership& member, std::span<const Stored::Message> messages,
                      const Screen& screen, const Names& names, Verdict& verdict) const {
  for (const Stored::Message& message : messages)
    if (message.seq > member.after && message.from != member.who && !screen.has(message.seq))
      verdict.add(Fault::undelivered, told(message, names) + " to " + names.of(member.who));
  const bool of_this_run = !messages.empty() && member.recv_seq >= messages.front().seq;
  if (of_this_run && member.recv_seq > std::max(acked_, member.after))
    verdict.add(Fault::over_acked, names.of(member.who) + " in " + names.of(member.conv) + ": " +
                                       std::to_string(member.recv_seq) + " is stored, " +
                                       std::to_string(acked_) + " was acknowledged");
}

}  // namespace bench
