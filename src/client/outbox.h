// Outbox: the messages that the server has not yet answered for good, in the order they were typed. Each
// keeps its cid until then, so sending it again makes no second message. Pure; it sends nothing itself.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace client {

struct Outgoing {
  std::string cid;
  std::string to;
  std::string text;
  int64_t since = 0;    // when it was queued, mono_ms
  int64_t request = 0;  // the request that is under way; 0: none
};

class Outbox {
 public:
  // `window`: how many are under way at once. With 1 the order is kept whatever the server refuses for
  // the moment; with more, a message may overtake one that has to be repeated.
  explicit Outbox(size_t window) : window_(window) {}

  Outgoing& add(Outgoing message) { return waiting_.emplace_back(std::move(message)); }

  // The next one to send, null if none is to be sent now. The caller sets its `request`.
  Outgoing* next(int64_t now);
  // Nothing is under way any more: the connection is lost.
  void lost();
  // Request `id` may be repeated later: it waits, and all behind it do.
  void postpone(int64_t id, int64_t until);
  // Takes out the one under way by request `id`, or by its cid.
  std::optional<Outgoing> take_request(int64_t id);
  std::optional<Outgoing> take_cid(const std::string& cid);

  size_t size() const { return waiting_.size(); }
  bool empty() const { return waiting_.empty(); }
  // When next() has something new to offer by time alone; 0: not by time.
  int64_t not_before() const { return not_before_; }
  const std::deque<Outgoing>& waiting() const { return waiting_; }

 private:
  std::optional<Outgoing> take(std::deque<Outgoing>::iterator at);

  size_t window_;
  int64_t not_before_ = 0;
  std::deque<Outgoing> waiting_;
};

}  // namespace client
