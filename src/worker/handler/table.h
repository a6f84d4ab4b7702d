// The table of ops: name, who may call it, how it may overlap with others, and its handler.
//
// This is the one place that knows them all; to add an op is a row here and a function in a family's file.
#pragma once

#include <span>
#include <string_view>

#include "common/loop/task.h"
#include "worker/handler/call.h"

namespace handler {

enum class Access : uint8_t {
  anyone,
  guest,  // not once logged in
  user,   // once logged in
};

struct Op {
  std::string_view name;
  Access access;
  bool barrier;  // begins when all earlier requests of its connection are settled
  bool quiet;    // without an id it is answered only if refused
  loop::Task<void> (*run)(Call call);
};

std::span<const Op> ops();
const Op* find_op(std::string_view name);

}  // namespace handler
