// LineSplitter: where the next frame ends in what a TCP peer has sent. Pure; it holds no bytes, only how
// far it has looked, so that a peer who sends byte by byte costs no more than one who does not.
#pragma once

#include <cstddef>
#include <string_view>

namespace wire {

class LineSplitter {
 public:
  // max_frame bytes may stand on a line, its end (LF or CR LF) not counted.
  explicit LineSplitter(size_t max_frame) : max_(max_frame) {}

  enum class Status {
    more,       // no whole line yet
    line,       // `line` is a frame; never an empty one
    too_large,  // a line over max_frame, ended or not: answer, and close
  };

  struct Found {
    Status status = Status::more;
    std::string_view line{};  // a view into the buffer, without its end
    size_t consumed = 0;      // bytes at the buffer's front that are done with, with any status
  };

  // `buffer` is what was received and not yet consumed: the caller takes `consumed` bytes off its front
  // between two calls, and only adds at its end. Empty lines are consumed in silence.
  Found next(std::string_view buffer);

 private:
  size_t max_;
  size_t searched_ = 0;  // the buffer's first bytes that hold no LF
};

}  // namespace wire
