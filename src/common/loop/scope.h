// Scope: owns root tasks. Destroying it cancels them; a root that ends is freed at the loop's top.
//
// A session has one (its reads die with it), the worker has one (writes outlive the session that asked).
// An exception that reaches a root goes to on_error, which must not throw.
#pragma once

#include <exception>
#include <functional>
#include <list>

#include "common/loop/loop.h"
#include "common/loop/task.h"

namespace loop {

class Scope {
 public:
  using OnError = std::function<void(std::exception_ptr)>;
  Scope(Loop& loop, OnError on_error) : loop_(loop), on_error_(std::move(on_error)) {}
  // REQUIRES: no root of this scope is on the stack (bury its owner).
  ~Scope() = default;
  Scope(const Scope&) = delete;

  // Runs the task up to its first wait before it returns.
  void spawn(Task<void> task);
  size_t size() const { return roots_.size(); }

 private:
  struct Root {
    Task<void> task;
    Scope* scope;
    std::list<Root>::iterator self;
  };
  void ended(Root& root);

  Loop& loop_;
  OnError on_error_;
  std::list<Root> roots_;
};

}  // namespace loop
