// Stream: the bytes of one connection, both ways, with bounds. Owned by a session.
//
// Input is read as it comes, up to a limit, and consumed by who understands it. Output is gathered and
// written at the end of the turn: one system call for all that a turn produced. A buffer that is empty
// holds no memory, so an idle connection costs little. It knows nothing of frames.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/fd.h"
#include "common/loop/wait.h"
#include "common/loop/watch.h"

namespace net {

class Stream final : private loop::Flush {
 public:
  // Reading pauses while input() holds this many bytes.
  Stream(loop::Loop& loop, base::Fd fd, size_t input_limit);
  ~Stream();
  Stream(const Stream&) = delete;

  int fd() const { return fd_.get(); }

  std::string_view input() const { return std::string_view(input_).substr(consumed_); }
  void consume(size_t bytes);  // REQUIRES: bytes <= input().size()
  // Woken by new input, by the end of input and by interrupt().
  loop::Signal& arrived() { return arrived_; }
  void interrupt() { arrived_.wake(); }
  // The peer has closed its side, or the connection is broken: nothing comes any more.
  bool ended() const { return ended_; }
  bool broken() const { return broken_; }
  // A paused stream reads nothing: neither requests nor the peer's end.
  void pause(bool paused);
  // What comes from now on is thrown away: the connection is about to close.
  void discard_input();

  void write(std::string_view bytes);
  // Bytes that the kernel has not taken yet.
  size_t queued() const { return output_.size() - written_; }
  // All bytes that write() was given, and those that the kernel has taken, since the beginning.
  uint64_t total() const { return total_; }
  uint64_t total_written() const { return total_ - queued(); }
  // Woken whenever the kernel has taken something, or the connection broke.
  loop::Signal& drained() { return drained_; }
  // No more output; the peer sees the end after what is queued. REQUIRES: queued() == 0.
  void shut_down();

 private:
  void flush() override;
  void on_readable();
  void update_reading();
  void fail();

  loop::Loop& loop_;
  base::Fd fd_;
  const size_t input_limit_;
  loop::Watch readable_;
  loop::Watch writable_;
  loop::Signal arrived_;
  loop::Signal drained_;
  std::string input_;
  std::string output_;
  size_t consumed_ = 0;
  size_t written_ = 0;
  uint64_t total_ = 0;
  bool ended_ = false;
  bool broken_ = false;
  bool paused_ = false;
  bool discarding_ = false;
};

}  // namespace net
