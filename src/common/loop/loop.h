// Loop: one libevent base, and what happens at its top.
//
// Each process or thread that waits has one; it owns the base. A turn is: wait for events and run their
// callbacks; then, with no callback on the stack (the top), resume what is ready, flush what has output,
// and free what died. The three rules that keep coroutines safe follow from it:
//   1. a callback never resumes a coroutine: it calls ready(), and the top resumes;
//   2. nothing is destroyed while a coroutine is on the stack: bury() frees it at the top;
//   3. a waiter that dies unlinks itself.
// Never blocks but in the kernel's wait; not thread-safe.
#pragma once

#include <chrono>
#include <coroutine>
#include <functional>
#include <memory>
#include <vector>

struct event_base;

namespace loop {

using Millis = std::chrono::milliseconds;

// A place in one of the loop's lists. Its destructor unlinks it, so what waits may die at any time.
class Link {
 public:
  Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link() { unlink(); }
  bool linked() const { return next_ != this; }
  void unlink() noexcept;
  void insert_before(Link& place) noexcept;  // a Link that nobody derives from is a list's head
  Link* next() const { return next_; }

 private:
  friend class Loop;
  Link* prev_ = this;
  Link* next_ = this;
};

// A suspended coroutine that can be put on the ready list.
struct Waiter : Link {
  std::coroutine_handle<> handle{};
};

// Called once at the end of each turn in which it was marked: a stream that has something to write.
struct Flush : Link {
  virtual void flush() = 0;

 protected:
  ~Flush() = default;
};

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;

  event_base* base() const { return base_.get(); }

  void run();  // until stop()
  void stop() { stopped_ = true; }
  void turn(bool wait);  // one turn; for tests, and for run()

  void ready(Waiter& waiter);      // resume it at the next top; twice is once
  void at_turn_end(Flush& flush);  // flush it at this turn's end; twice is once
  // Owns `dead` until the top, then frees it.
  template <class T>
  void bury(std::unique_ptr<T> dead) {
    graves_.push_back(std::shared_ptr<void>(std::move(dead)));
  }

 private:
  void top();
  bool pending() const { return ready_.linked() || flushes_.linked() || !graves_.empty(); }

  std::unique_ptr<event_base, void (*)(event_base*)> base_;
  Link ready_;
  Link flushes_;
  std::vector<std::shared_ptr<void>> graves_;
  bool stopped_ = false;
};

}  // namespace loop
