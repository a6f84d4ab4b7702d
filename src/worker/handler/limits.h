// Limits: how fast a user sends, an address logs in, and somebody guesses at a password.
//
// Rates are told per node, over all its workers (ipc/rate_table). Nobody is ever locked out: who is too fast
// is told when to try again, and a name is held back only towards the address that guesses at it.
#pragma once

#include <string>

#include "worker/handler/call.h"

namespace handler {

// Each: ok, or `rate_limited` with retry_ms. Those that pass are counted.
base::Result<void> may_send(Context& context, int64_t user);
base::Result<void> may_hash(Context& context, const session::Session& session);  // a password, in either way
// Counted only by guessed_wrong(): who knows the password is never held back by it, but for others' guesses
// from the same address.
base::Result<void> may_guess(Context& context, const session::Session& session, const std::string& name);
void guessed_wrong(Context& context, const session::Session& session, const std::string& name);

}  // namespace handler
