// See limits.h.
#include "worker/handler/limits.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "worker/secret/secret.h"

namespace handler {
namespace {

// Names have no blanks, so that no two kinds of key are ever the same text.
uint64_t key(Context& context, const std::string& text) {
  return secret::seeded_hash(context.rates.seed(), text);
}

uint64_t guess_key(Context& context, const session::Session& session, const std::string& name) {
  return key(context, "guess " + session.network() + " " + name);
}

ipc::Rate guess_rate(Context& context) {
  return {context.settings.guess_rate, context.settings.guess_burst};
}

base::Result<void> after(int64_t wait_ms, const char* detail) {
  if (wait_ms == 0) return base::ok();
  base::Error error = base::refusal(base::Code::rate_limited, detail);
  error.retry_ms = static_cast<int>(wait_ms);
  return error;
}

}  // namespace

base::Result<void> may_send(Context& context, int64_t user) {
  const ipc::Rate rate{context.settings.send_rate, context.settings.send_burst};
  if (rate.per_second == 0) return base::ok();
  return after(context.rates.take(key(context, "send " + std::to_string(user)), rate, base::mono_ms()),
               "too much at once: send_rate");
}

base::Result<void> may_hash(Context& context, const session::Session& session) {
  const ipc::Rate rate{context.settings.login_rate, context.settings.login_burst};
  if (rate.per_second == 0) return base::ok();
  return after(context.rates.take(key(context, "login " + session.network()), rate, base::mono_ms()),
               "too many logins from this address: login_rate");
}

base::Result<void> may_guess(Context& context, const session::Session& session, const std::string& name) {
  return after(context.rates.wait(guess_key(context, session, name), guess_rate(context), base::mono_ms()),
               "too many wrong passwords for this name from this address: guess_rate");
}

void guessed_wrong(Context& context, const session::Session& session, const std::string& name) {
  base::log(base::Level::info, "%s: a wrong password for %s", session.label().c_str(), name.c_str());
  context.rates.take(guess_key(context, session, name), guess_rate(context), base::mono_ms());
}

}  // namespace handler
