// The handlers, by family: accounts.cc, login.cc, messages.cc, … Only the table calls them.
#pragma once

#include "common/loop/task.h"
#include "worker/handler/call.h"

namespace handler {

// accounts.cc
loop::Task<void> ping(Call call);
loop::Task<void> register_user(Call call);
loop::Task<void> profile(Call call);
loop::Task<void> passwd(Call call);
loop::Task<void> logout(Call call);

// login.cc
loop::Task<void> login(Call call);

// messages.cc
loop::Task<void> send(Call call);
loop::Task<void> ack(Call call);
loop::Task<void> read(Call call);
loop::Task<void> typing(Call call);

// history.cc
loop::Task<void> history(Call call);
loop::Task<void> conversations(Call call);

// group_changes.cc
loop::Task<void> group_create(Call call);
loop::Task<void> group_join(Call call);
loop::Task<void> group_leave(Call call);
loop::Task<void> group_invite(Call call);
loop::Task<void> group_kick(Call call);
loop::Task<void> group_role(Call call);
loop::Task<void> group_set(Call call);
loop::Task<void> group_delete(Call call);

// groups.cc
loop::Task<void> group_info(Call call);
loop::Task<void> group_members(Call call);
loop::Task<void> groups(Call call);

// people.cc
loop::Task<void> contacts(Call call);
loop::Task<void> contact_add(Call call);
loop::Task<void> contact_remove(Call call);
loop::Task<void> block(Call call);
loop::Task<void> unblock(Call call);
loop::Task<void> presence(Call call);

}  // namespace handler
