// AutoAck: for a client that lets the server acknowledge: which message counts as received once how many
// bytes have left. Pure; owned by a session. There are no more marks than messages in the output buffer,
// which has a bound.
#pragma once

#include <cstdint>
#include <deque>

namespace session {

class AutoAck {
 public:
  // Everything of `conv` up to `seq` is among the first `total` bytes written to the stream.
  void mark(uint64_t total, int64_t conv, int64_t seq) { marks_.push_back(Mark{total, conv, seq}); }

  // Calls ack(conv, seq) for all that the kernel has taken.
  template <class Ack>
  void written(uint64_t total_written, Ack&& ack) {
    while (!marks_.empty() && marks_.front().total <= total_written) {
      ack(marks_.front().conv, marks_.front().seq);
      marks_.pop_front();
    }
  }

 private:
  struct Mark {
    uint64_t total;
    int64_t conv;
    int64_t seq;
  };
  std::deque<Mark> marks_;
};

}  // namespace session
