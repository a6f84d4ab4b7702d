// ping, register, profile, passwd, logout: what needs no conversation. Passwords go to the hasher and are
// never kept.
#include "common/base/clock.h"
#include "worker/handler/families.h"
#include "worker/handler/limits.h"
#include "worker/handler/resolve.h"
#include "worker/secret/secret.h"

namespace handler {
namespace {

constexpr size_t shortest_password = 8, longest_password = 1024, longest_display = 64;  // bytes; the wire's

// At once here; other workers ask for it.
void end_others(const Call& call, int64_t at) {
  store::Revocation revocation;
  revocation.user_id = call.me().user;
  revocation.at = at;
  call.context().resync.revoke(revocation, &call.session());
}

}  // namespace

loop::Task<void> ping(Call call) {
  call.reply([&](wire::Writer& w) {
    w.integer("ts", base::wall_ms()).string("state", call.context().draining ? "drain" : "ready");
  });
  co_return;
}

// The name is looked up first: a taken one costs no hash.
loop::Task<void> register_user(Call call) {
  auto name = call.request().user("name");
  if (!name) co_return call.fail(name.error());
  auto password = call.request().string("password", shortest_password, longest_password);
  if (!password) co_return call.fail(password.error());
  auto display = call.request().optional_string("display", 0, longest_display);
  if (!display) co_return call.fail(display.error());

  Context& context = call.context();
  auto known = co_await context.users.find(*name);
  if (!known) co_return call.fail(known.error());
  if (known->has_value())
    co_return call.fail(base::refusal(base::Code::name_taken, "the name has been used"));
  if (auto may = may_hash(context, call.session()); !may) co_return call.fail(may.error());
  auto hash = co_await context.hasher.hash(std::move(*password));
  if (!hash) co_return call.fail(hash.error());
  auto user = co_await context.users.add(*name, display->value_or(""), *hash);
  if (!user) co_return call.fail(user.error());
  call.reply([&](wire::Writer& w) { w.integer("user", *user); });
}

loop::Task<void> profile(Call call) {
  auto display = call.request().optional_string("display", 0, longest_display);
  if (!display) co_return call.fail(display.error());
  auto now = co_await call.context().users.display(call.me().user, *display);
  if (!now) co_return call.fail(now.error());
  call.reply([&](wire::Writer& w) { w.string("name", call.me().name).string("display", *now); });
}

// While it lasts no revocation means this session: it would meet the one that it makes.
loop::Task<void> passwd(Call call) {
  auto old = call.request().string("old", 0, longest_password);
  if (!old) co_return call.fail(old.error());
  auto password = call.request().string("new", shortest_password, longest_password);
  if (!password) co_return call.fail(password.error());
  Context& context = call.context();
  const session::Session& session = call.session();
  if (auto may = may_guess(context, session, call.me().name); !may) co_return call.fail(may.error());
  if (auto may = may_hash(context, session); !may) co_return call.fail(may.error());
  auto user = co_await context.users.find(call.me().name);
  if (!user) co_return call.fail(user.error());
  if (!user->has_value())
    co_return call.fail(base::refusal(base::Code::bad_credentials, "your account is gone"));
  auto right = co_await context.hasher.verify((*user)->password, std::move(*old));
  if (!right) co_return call.fail(right.error());
  if (!*right) {
    guessed_wrong(context, session, call.me().name);
    co_return call.fail(base::refusal(base::Code::bad_credentials, "wrong password"));
  }
  auto hash = co_await context.hasher.hash(std::move(*password));
  if (!hash) co_return call.fail(hash.error());
  const int64_t issued = call.me().issued;
  call.session().issued_anew(INT64_MAX);
  auto changed = co_await context.users.change_password(**user, *hash, call.me().token_digest);
  call.session().issued_anew(changed ? *changed : issued);
  if (!changed) co_return call.fail(changed.error());
  end_others(call, *changed);
  call.reply();
}

loop::Task<void> logout(Call call) {
  auto all = call.request().optional_boolean("all");
  if (!all) co_return call.fail(all.error());
  Context& context = call.context();
  if (all->value_or(false)) {
    auto done = co_await context.users.revoke_all(call.me().user);
    if (!done) co_return call.fail(done.error());
    end_others(call, *done);
  } else {
    auto done = co_await context.users.revoke_token(call.me().token_digest);
    if (!done) co_return call.fail(done.error());
  }
  call.reply();
  call.session().say_goodbye(wire::Reason::logged_out);
}

}  // namespace handler
