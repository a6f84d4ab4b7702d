// Task<T>: a coroutine that starts when it is awaited and is cancelled by destroying it.
//
// The awaiting coroutine owns the awaited one: frames form a stack, and destroying the root destroys all
// of it, leaves first. A leaf (a query, a timer, a line) is an awaiter whose destructor unlinks itself.
// Only Scope starts a root. No symmetric transfer: g++ 12 overflows the stack with it.
// Parameters of a coroutine are values, or references to what outlives it; never a string_view.
// A statement with co_await holds no braced aggregate, no capturing lambda, and no aggregate built from
// the awaited value: g++ 12 destroys such temporaries twice. `scripts/check` refuses them.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace loop {

template <class T>
class Task;

namespace detail {

template <class T>
struct Slot {
  std::optional<T> value;
  template <class U>
  void return_value(U&& u) {
    value.emplace(std::forward<U>(u));
  }
  T take() { return std::move(*value); }
};

template <>
struct Slot<void> {
  void return_void() {}
  void take() {}
};

}  // namespace detail

template <class T>
class [[nodiscard]] Task {
 public:
  struct promise_type;
  using Handle = std::coroutine_handle<promise_type>;

  struct Final {
    bool await_ready() noexcept { return false; }
    void await_suspend(Handle h) noexcept {
      promise_type& p = h.promise();
      if (p.awaiting)
        p.awaiting.resume();
      else if (p.on_done)
        p.on_done(p.on_done_arg);
    }
    void await_resume() noexcept {}
  };

  struct promise_type : detail::Slot<T> {
    std::coroutine_handle<> awaiting{};
    void (*on_done)(void*) = nullptr;
    void* on_done_arg = nullptr;
    std::exception_ptr error{};
    Task get_return_object() { return Task(Handle::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    Final final_suspend() noexcept { return {}; }
    void unhandled_exception() noexcept { error = std::current_exception(); }
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  auto operator co_await() && noexcept {
    struct Awaiter {
      Handle h;
      bool await_ready() noexcept {
        h.resume();
        return h.done();
      }
      void await_suspend(std::coroutine_handle<> c) noexcept { h.promise().awaiting = c; }
      T await_resume() {
        if (h.promise().error) std::rethrow_exception(h.promise().error);
        return h.promise().take();
      }
    };
    return Awaiter{handle_};
  }

  Handle handle() const { return handle_; }

 private:
  explicit Task(Handle h) : handle_(h) {}
  Handle handle_;
};

}  // namespace loop
