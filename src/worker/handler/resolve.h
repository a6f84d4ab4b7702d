// What the handlers share: refusals in one wording, and finding the conversation that an address names.
#pragma once

#include <string>
#include <string_view>

#include "worker/handler/call.h"

namespace handler {

constexpr int64_t default_limit = 50, longest_limit = 200;  // of every list; the wire's

struct Target {
  int64_t conv = 0;  // 0: nobody has written yet
  int64_t peer = 0;  // 0: a group
};

// For sending: whoever asks and even if the group is gone, for a repeat is answered all the same; who may
// send is asked in the store. A conversation of two is made if there is none and `make` says so.
loop::Task<base::Result<Target>> find_to_send(Context& context, int64_t user, wire::Address to, bool make);

// For reading: a group's only for its members.
loop::Task<base::Result<Target>> find_to_read(Context& context, int64_t user, wire::Address conv);

// For telling the others: who would be told.
loop::Task<base::Result<delivery::Place>> find_place(Context& context, int64_t user, wire::Address to);
delivery::Actor actor(const Call& call);

// `limit`, 50 if absent.
base::Result<int64_t> limit_of(const wire::Request& request);

}  // namespace handler
