// Users and their tokens in the store: to register, to log in, to end sessions.
//
// Knows no password and no token: only what the secret folder made of them. Errors are those of the wire.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/conf/settings.h"
#include "worker/store/database.h"

namespace store {

struct User {
  int64_t id = 0;
  std::string name{};
  std::string display{};
  std::string password{};  // the argon2id text
};

// A login that the store has accepted.
struct Login {
  int64_t user_id = 0;
  std::string name{};
  std::string display{};
  int64_t expires = 0;  // of the token; Unix ms
  int64_t issued = 0;   // the token, by the store's clock; Unix µs: a revocation means those before it
  int64_t since = 0;    // the store's clock at the acceptance; Unix µs
};

class Users {
 public:
  Users(loop::Loop& loop, Database& database, const conf::Settings& settings);

  // name_taken if somebody has, or ever had, the name. The id otherwise.
  loop::Task<base::Result<int64_t>> add(std::string name, std::string display, std::string password);
  loop::Task<base::Result<std::optional<User>>> find(std::string name);

  // A new token for a user whose password was found right. `password` is what it was compared with: if it
  // has changed since, bad_credentials.
  loop::Task<base::Result<Login>> login(User user, std::string digest);
  // bad_token if it is unknown, expired or revoked. Its expiry moves: within a second, and many at once, so
  // that ten thousand who come back do not wait for as many commits.
  loop::Task<base::Result<Login>> login_by_token(std::string digest);

  // The display name; changes it first if there is one. no_such_user: somebody has taken the row out.
  loop::Task<base::Result<std::string>> display(int64_t user_id, std::optional<std::string> changed);
  // `old` is what the password was found right with: if it has changed since, bad_credentials. Every token of
  // the user but `keep` is void, and every session that came before ends within seconds, those by `keep` too:
  // it counts as issued anew. Gives that moment by the store's clock, Unix µs.
  loop::Task<base::Result<int64_t>> change_password(User user, std::string password, std::string keep);

  loop::Task<base::Result<void>> revoke_token(std::string digest);
  // Every token of the user is void, and every session that came before ends within seconds.
  // Gives the moment by the store's clock, Unix µs.
  loop::Task<base::Result<int64_t>> revoke_all(int64_t user_id);
  // A session of the user has begun. Written soon by run().
  void came(int64_t user_id) { came_.insert(user_id); }
  // Writes who came, and the tokens' new expiries, until told to stop; a worker's root task.
  loop::Task<void> run();
  loop::Task<void> flush();
  // Expired tokens go.
  loop::Task<base::Result<void>> sweep();

 private:
  loop::Task<bool> flush_tokens();
  loop::Task<bool> flush_arrivals();

  loop::Loop& loop_;
  Database& db_;
  const int64_t lifetime_ms_;
  std::set<std::string> used_;  // tokens by which somebody came since the last write; by digest
  std::set<int64_t> came_;      // since the last write
};

}  // namespace store
