// Tokens on a real PostgreSQL, as time passes: which are good, and which are swept away.
#include "worker/store/users.h"

#include <string>

#include "store.h"

namespace {

// Ends so long from now; named by its digest.
void add_token(tap::Postgres& server, const std::string& name, const std::string& left) {
  server.sql("INSERT INTO token (digest, user_id, expires) VALUES ('" + name + "', 1, now() + interval '" +
             left + "')");
}

std::string kept(tap::Postgres& server) {
  return server.sql(
      "SELECT coalesce(string_agg(convert_from(digest, 'UTF8'), ' ' ORDER BY digest), '') FROM token");
}

}  // namespace

int main() {
  tap::Postgres server;
  tap::add_users(server, 1);
  loop::Loop loop;
  conf::Settings settings = tap::settings(server);
  settings.token_lifetime = 3600000;
  store::Database database(loop, settings, [](std::string) { std::abort(); });
  tap::until(loop, [&] { return database.up(); });
  store::Users users(loop, database, settings);
  add_token(server, "good", "1 hour");
  add_token(server, "late", "-1 second");
  add_token(server, "old", "-2 minutes");
  tap::ok(static_cast<bool>(tap::run(loop, users.login_by_token("good"))),
          "a token is good until it expires");
  for (const char* gone : {"late", "old", "none"})
    tap::ok(!tap::run(loop, users.login_by_token(gone)), std::string("then it is not: ") + gone);
  tap::ok(static_cast<bool>(tap::run(loop, users.sweep())), "swept");
  tap::is(kept(server), std::string("good late"), "what has long expired is gone");
  return tap::done();
}
