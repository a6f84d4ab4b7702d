// See stream.h.
#include "worker/net/stream.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace net {
namespace {

// One read, for all connections of the process: what is read is copied at once to whom it belongs.
std::array<char, 64 * 1024> scratch;

constexpr size_t compact_above = 64 * 1024;  // move the rest of the output to the front beyond this

}  // namespace

Stream::Stream(loop::Loop& loop, base::Fd fd, size_t input_limit)
    : loop_(loop),
      fd_(std::move(fd)),
      input_limit_(input_limit),
      readable_(
          loop, fd_.get(), loop::readable, [](void* self) { static_cast<Stream*>(self)->on_readable(); },
          this),
      writable_(
          loop, fd_.get(), loop::writable, [](void* self) { static_cast<Stream*>(self)->flush(); }, this) {
  readable_.start();
}

Stream::~Stream() = default;

void Stream::on_readable() {
  const size_t room = discarding_ ? scratch.size() : std::min(scratch.size(), input_limit_ - input().size());
  const ssize_t n = ::recv(fd_.get(), scratch.data(), room, 0);
  if (n < 0) {
    if (errno == EAGAIN || errno == EINTR) return;
    return fail();
  }
  if (n == 0) {
    ended_ = true;
  } else if (!discarding_) {
    input_.erase(0, std::exchange(consumed_, 0));
    input_.append(scratch.data(), static_cast<size_t>(n));
  }
  update_reading();
  arrived_.wake();
}

void Stream::consume(size_t bytes) {
  consumed_ += bytes;
  if (consumed_ == input_.size()) {
    input_ = std::string();
    consumed_ = 0;
  }
  update_reading();
}

void Stream::update_reading() {
  const bool wanted = !ended_ && (discarding_ || (!paused_ && input().size() < input_limit_));
  wanted ? readable_.start() : readable_.stop();
}

void Stream::pause(bool paused) {
  paused_ = paused;
  update_reading();
}

void Stream::discard_input() {
  discarding_ = true;
  input_ = std::string();
  consumed_ = 0;
  update_reading();
}

void Stream::write(std::string_view bytes) {
  if (broken_) return;
  output_ += bytes;
  total_ += bytes.size();
  if (!writable_.started()) loop_.at_turn_end(*this);
}

void Stream::flush() {
  if (broken_ || queued() == 0) return writable_.stop();
  const ssize_t n = ::send(fd_.get(), output_.data() + written_, queued(), MSG_NOSIGNAL);
  if (n < 0 && errno != EAGAIN && errno != EINTR) return fail();
  if (n > 0) written_ += static_cast<size_t>(n);
  if (queued() == 0) {
    output_ = std::string();
    written_ = 0;
    writable_.stop();
  } else {
    if (written_ > compact_above && written_ > output_.size() / 2)
      output_.erase(0, std::exchange(written_, 0));
    writable_.start();
  }
  if (n > 0) drained_.wake();
}

void Stream::shut_down() {
  ::shutdown(fd_.get(), SHUT_WR);
}

void Stream::fail() {
  ended_ = broken_ = true;
  total_ -= queued();  // what the kernel has not taken counts as never written
  output_ = std::string();
  written_ = 0;
  readable_.stop();
  writable_.stop();
  arrived_.wake();
  drained_.wake();
}

}  // namespace net
