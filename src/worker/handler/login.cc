// login: by password or by token; then what makes a session whole: the frozen backlog, the subscription,
// the reply, and the reading of what waited.
#include <optional>

#include "common/base/log.h"
#include "worker/handler/families.h"
#include "worker/handler/limits.h"
#include "worker/secret/secret.h"

namespace handler {
namespace {

constexpr size_t longest_secret = 1024;  // bytes; the wire's
constexpr int64_t most_backlog = 10000;  // messages per conversation; the wire's

struct Asked {
  std::string name{};
  std::string password{};
  std::string token{};
  bool by_token = false;
  bool auto_ack = false;
  int64_t backlog = -1;
};

struct Accepted {
  store::Login login{};
  std::string token{};
  std::string digest{};
};

base::Result<Asked> read(const wire::Request& request) {
  Asked asked;
  asked.by_token = request.has("token");
  if (asked.by_token) {
    auto token = request.string("token", 0, longest_secret);
    if (!token) return token.error();
    if (request.has("name") || request.has("password"))
      return base::bad_field("token", "stands alone, without name and password");
    asked.token = std::move(*token);
  } else {
    auto name = request.user("name");
    if (!name) return name.error();
    auto password = request.string("password", 0, longest_secret);
    if (!password) return password.error();
    asked.name = std::move(*name);
    asked.password = std::move(*password);
  }
  auto ack = request.optional_choice("ack", {"explicit", "auto"});
  if (!ack) return ack.error();
  asked.auto_ack = *ack == "auto";
  auto backlog = request.optional_integer("backlog", 0, most_backlog);
  if (!backlog) return backlog.error();
  asked.backlog = backlog->value_or(-1);
  return asked;
}

base::Error bad_credentials() {
  return base::refusal(base::Code::bad_credentials, "wrong name or password");
}

// An unknown user costs the same hash as a known one.
loop::Task<base::Result<Accepted>> by_password(Context& context, session::Session& session, std::string name,
                                               std::string password) {
  if (auto may = may_guess(context, session, name); !may) co_return may.error();
  if (auto may = may_hash(context, session); !may) co_return may.error();
  auto found = co_await context.users.find(name);
  if (!found) co_return found.error();
  const std::string stored = found->has_value() ? (*found)->password : context.hasher.dummy_hash();
  auto right = co_await context.hasher.verify(stored, std::move(password));
  if (!right) co_return right.error();
  if (!*right || !found->has_value()) {
    guessed_wrong(context, session, name);
    co_return bad_credentials();
  }
  Accepted accepted;
  accepted.token = secret::token_text();
  accepted.digest = secret::token_digest(accepted.token);
  auto login = co_await context.users.login(**found, accepted.digest);
  if (!login) co_return login.error();
  accepted.login = std::move(*login);
  co_return accepted;
}

loop::Task<base::Result<Accepted>> by_token(Context& context, std::string token) {
  Accepted accepted;
  accepted.digest = secret::token_digest(token);
  accepted.token = std::move(token);
  auto login = co_await context.users.login_by_token(accepted.digest);
  if (!login) co_return login.error();
  accepted.login = std::move(*login);
  co_return accepted;
}

session::Identity identity_of(const Accepted& accepted, const Asked& asked) {
  session::Identity identity;
  identity.user = accepted.login.user_id;
  identity.name = accepted.login.name;
  identity.token_digest = accepted.digest;
  identity.since = accepted.login.since;
  identity.issued = accepted.login.issued;
  identity.auto_ack = asked.auto_ack;
  identity.backlog_limit = asked.backlog;
  return identity;
}

void welcome(Call& call, const Accepted& accepted) {
  call.reply([&](wire::Writer& w) {
    w.integer("user", accepted.login.user_id)
        .string("name", accepted.login.name)
        .string("display", accepted.login.display)
        .string("token", accepted.token)
        .integer("expires", accepted.login.expires);
  });
}

loop::Task<base::Result<Accepted>> authenticate(Context& context, session::Session& session, Asked asked) {
  if (asked.by_token) return by_token(context, std::move(asked.token));
  return by_password(context, session, std::move(asked.name), std::move(asked.password));
}

}  // namespace

loop::Task<void> login(Call call) {
  auto asked = read(call.request());
  if (!asked) co_return call.fail(asked.error());
  call.forget_fields();
  Context& context = call.context();
  session::Session& session = call.session();
  // A password is hashed in a queue of its own. Where thousands come back at once, they take turns at the
  // store, and what others send is not behind all of them.
  std::optional<loop::Slots::Held> turn;
  if (asked->by_token) turn.emplace(co_await context.logins.take(context.loop));
  auto accepted = co_await authenticate(context, session, *asked);
  if (!accepted) co_return call.fail(accepted.error());
  if (!turn) turn.emplace(co_await context.logins.take(context.loop));

  const session::Identity identity = identity_of(*accepted, *asked);
  auto frozen = co_await context.outbox.freeze(session, identity);
  if (!frozen) co_return call.fail(frozen.error());
  auto groups = co_await context.rooms.groups_of(identity.user);
  if (!groups) co_return call.fail(groups.error());
  turn.reset();  // Redis may be slow, and the next one's questions are the store's
  // From here on the session is found by its user, and its channel is held: no wait between the two, so
  // that whoever closes it knows that it has to release.
  session.logged_in(identity);
  context.registry.logged_in(session);
  auto confirmation = context.bus.hold(identity.user);
  auto subscribed = co_await std::move(confirmation);
  if (!subscribed) {
    context.resync.doubt();
    base::log(base::Level::info, "%s: not subscribed: %s", session.label().c_str(),
              subscribed.error().detail.c_str());
  }
  // Asked again: what has changed before the channel was confirmed, nobody has told this worker.
  auto groups_now = co_await context.rooms.groups_of(identity.user);
  context.users.came(identity.user);
  context.contact_watch.came(identity.user);
  context.devices.came(session);
  co_await context.rooms.enter(groups_now ? std::move(*groups_now) : std::move(*groups));
  context.slot.add(ipc::Counter::logins);
  base::log(base::Level::info, "%s: logged in by %s", session.label().c_str(),
            asked->by_token ? "token" : "password");
  welcome(call, *accepted);
  session.scope().spawn(context.outbox.catch_up_login(session));
}

}  // namespace handler
