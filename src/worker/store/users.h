// Users and their tokens in the store: to register, to log in, to end sessions.
//
// Knows no password and no token: only what the secret folder made of them. Errors are those of the wire.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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
  int64_t since = 0;    // the store's clock at the acceptance; Unix µs
};

struct Revocation {
  int64_t user_id = 0;
  std::string keep{};  // a token's digest, or empty
  int64_t at = 0;      // the store's clock; Unix µs
};

class Users {
 public:
  explicit Users(Database& database) : db_(database) {}

  // name_taken if somebody has, or ever had, the name. The id otherwise.
  loop::Task<base::Result<int64_t>> add(std::string name, std::string display, std::string password);
  loop::Task<base::Result<std::optional<User>>> find(std::string name);

  // A new token for a user whose password was found right. `password` is what it was compared with: if it
  // has changed since, bad_credentials.
  loop::Task<base::Result<Login>> login(User user, std::string digest, int64_t lifetime_ms);
  // bad_token if it is unknown, expired or revoked. Its expiry moves.
  loop::Task<base::Result<Login>> login_by_token(std::string digest, int64_t lifetime_ms);

  loop::Task<base::Result<void>> revoke_token(std::string digest);
  // Every token of the user but `keep` is void, and every session that came before ends within seconds.
  // Gives the moment by the store's clock, Unix µs.
  loop::Task<base::Result<int64_t>> revoke_all(int64_t user_id, std::string keep);
  // Those of the last `window_ms`; asking twice for the same is harmless.
  loop::Task<base::Result<std::vector<Revocation>>> revocations(int64_t window_ms);
  // Expired tokens and old revocations go.
  loop::Task<base::Result<void>> sweep();

 private:
  Database& db_;
};

}  // namespace store
