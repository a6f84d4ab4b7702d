// Watch and Timer: libevent's events as members. Each is owned by whoever asks, removes itself when it
// dies, and calls a function with what it was given. A callback may destroy anything but the loop; the
// watch it was called by included.
#pragma once

#include <event2/event_struct.h>

#include <functional>

#include "common/loop/loop.h"

namespace loop {

// What to watch for; libevent's EV_READ and EV_WRITE, for those who may not include its headers.
constexpr short readable = 0x02, writable = 0x04;

// A descriptor that is watched while asked for. The descriptor stays the caller's.
class Watch {
 public:
  using Callback = void (*)(void* arg);
  // REQUIRES: fd outlives the watch's last start, or stop() comes first. priority: 0 accepts, 1 the rest.
  Watch(Loop& loop, int fd, short what, Callback callback, void* arg, int priority = 1);
  ~Watch() { stop(); }
  Watch(const Watch&) = delete;
  void start();
  void stop();
  bool started() const { return started_; }

 private:
  event event_{};
  Callback callback_;
  void* arg_;
  bool started_ = false;
};

// One shot, by the monotonic clock. Starting it again moves it.
class Timer {
 public:
  using Callback = void (*)(void* arg);
  Timer(Loop& loop, Callback callback, void* arg);
  ~Timer() { stop(); }
  Timer(const Timer&) = delete;
  void start(Millis after);
  void stop();
  bool started() const { return started_; }

 private:
  event event_{};
  Callback callback_;
  void* arg_;
  bool started_ = false;
};

}  // namespace loop
