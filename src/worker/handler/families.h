// The handlers, by family: accounts.cc, login.cc, messages.cc. Only the table calls them.
#pragma once

#include "common/loop/task.h"
#include "worker/handler/call.h"

namespace handler {

// accounts.cc
loop::Task<void> ping(Call call);
loop::Task<void> register_user(Call call);
loop::Task<void> logout(Call call);

// login.cc
loop::Task<void> login(Call call);

// messages.cc
loop::Task<void> send(Call call);
loop::Task<void> ack(Call call);

}  // namespace handler
