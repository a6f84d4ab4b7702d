// See scope.h.
#include "common/loop/scope.h"

namespace loop {

void Scope::spawn(Task<void> task) {
  const auto root = roots_.insert(roots_.end(), Root{std::move(task), this, {}});
  root->self = root;
  const auto handle = root->task.handle();
  handle.promise().on_done_arg = &*root;
  handle.promise().on_done = [](void* arg) {
    auto* ended = static_cast<Root*>(arg);
    ended->scope->ended(*ended);
  };
  handle.resume();
}

// The frame is still suspending itself: it leaves the scope now and is freed at the top.
void Scope::ended(Root& root) {
  auto grave = std::make_unique<std::list<Root>>();
  grave->splice(grave->end(), roots_, root.self);
  const std::exception_ptr error = root.task.handle().promise().error;
  loop_.bury(std::move(grave));
  if (error) on_error_(error);
}

}  // namespace loop
