// See users.h. A login by password and a revocation of the same user meet at the user's row, so a token is
// issued either before the revocation, which then means it, or after. A login by token only reads: whatever
// it saw, the token's time says whether a revocation means the session.
#include "worker/store/users.h"

#include "common/loop/wait.h"

namespace store {
namespace {

constexpr loop::Millis extend_every(1000);
constexpr size_t rows_at_once = 1000;

constexpr pg::Statement add_user = {"add_user", R"(
  INSERT INTO users (name, display, password) VALUES ($1, $2, $3)
  ON CONFLICT (name) DO NOTHING RETURNING id)"};

constexpr pg::Statement find_user = {"find_user", R"(
  SELECT id, name, display, password FROM users WHERE name = $1)"};

constexpr pg::Statement get_display = {"get_display", "SELECT display FROM users WHERE id = $1"};
constexpr pg::Statement set_display = {"set_display", R"(
  UPDATE users SET display = $2 WHERE id = $1 RETURNING display)"};

// A login by the old password waits at the user's row, and then finds that it has changed.
constexpr pg::Statement change_password_row = {"change_password", R"(
  WITH u AS (UPDATE users SET password = $3 WHERE id = $1 AND password = $2 RETURNING id),
  d AS (DELETE FROM token WHERE digest IN (
    SELECT t.digest FROM token t JOIN u ON u.id = t.user_id WHERE t.digest <> $4
    ORDER BY t.digest FOR UPDATE OF t)),
  r AS (INSERT INTO revocation (user_id) SELECT id FROM u RETURNING at),
  k AS (UPDATE token t SET created = r.at FROM r WHERE t.digest = $4)
  SELECT at FROM r)"};

constexpr pg::Statement add_token = {"add_token", R"(
  WITH u AS (SELECT id, name, display FROM users WHERE id = $1 AND password = $2 FOR SHARE)
  INSERT INTO token (digest, user_id, created, expires)
  SELECT $3, id, clock_timestamp(), now() + $4::bigint * interval '1 millisecond' FROM u
  RETURNING user_id, (SELECT name FROM u), (SELECT display FROM u), expires, clock_timestamp(), created)"};

constexpr pg::Statement use_token = {"use_token", R"(
  SELECT u.id, u.name, u.display, now() + $2::bigint * interval '1 millisecond', clock_timestamp(), t.created
  FROM token t JOIN users u ON u.id = t.user_id WHERE t.digest = $1 AND t.expires > now())"};

// In the order of their keys, so that two workers never wait for each other.
constexpr pg::Statement extend_tokens = {"extend_tokens", R"(
  WITH t AS MATERIALIZED (
    SELECT digest FROM token WHERE digest = ANY($1::bytea[]) ORDER BY digest FOR NO KEY UPDATE)
  UPDATE token x SET expires = now() + $2::bigint * interval '1 millisecond' FROM t WHERE x.digest = t.digest)"};

constexpr pg::Statement write_last_login = {"write_last_login", R"(
  WITH l AS MATERIALIZED (
    SELECT id FROM users WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE)
  UPDATE users u SET last_login = now() FROM l WHERE u.id = l.id)"};

constexpr pg::Statement drop_token = {"drop_token", "DELETE FROM token WHERE digest = $1"};

constexpr pg::Statement lock_user = {"lock_user", "SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE"};
constexpr pg::Statement drop_tokens = {"drop_tokens", R"(
  DELETE FROM token WHERE digest IN (
    SELECT digest FROM token WHERE user_id = $1 ORDER BY digest FOR UPDATE))"};
constexpr pg::Statement add_revocation = {"add_revocation", R"(
  INSERT INTO revocation (user_id) VALUES ($1) RETURNING at)"};

constexpr pg::Statement sweep_tokens = {"sweep_tokens", R"(
  DELETE FROM token WHERE digest IN (SELECT digest FROM token WHERE expires < now() - interval '1 minute' LIMIT 1000))"};

Login to_login(const pg::Rows& row) {
  Login login;
  login.user_id = row.int8(0, 0);
  login.name = row.text(0, 1);
  login.display = row.text(0, 2);
  login.expires = row.millis(0, 3);
  login.since = row.micros(0, 4);
  login.issued = row.micros(0, 5);
  return login;
}

}  // namespace

Users::Users(loop::Loop& loop, Database& database, const conf::Settings& settings)
    : loop_(loop), db_(database), lifetime_ms_(settings.token_lifetime) {}

loop::Task<base::Result<int64_t>> Users::add(std::string name, std::string display, std::string password) {
  pg::Params params;
  params.text(name).text(display).text(password);
  auto rows = co_await db_.query(add_user, std::move(params));
  if (!rows) co_return rows.error();
  if (rows->empty()) co_return base::refusal(base::Code::name_taken, "the name has been used");
  co_return rows->int8(0, 0);
}

loop::Task<base::Result<std::optional<User>>> Users::find(std::string name) {
  pg::Params params;
  params.text(name);
  auto rows = co_await db_.query(find_user, std::move(params));
  if (!rows) co_return rows.error();
  std::optional<User> user;
  if (!rows->empty()) {
    user.emplace();
    user->id = rows->int8(0, 0);
    user->name = rows->text(0, 1);
    user->display = rows->text(0, 2);
    user->password = rows->text(0, 3);
  }
  co_return user;
}

loop::Task<base::Result<Login>> Users::login(User user, std::string digest) {
  pg::Params params;
  params.int8(user.id).text(user.password).bytea(digest).int8(lifetime_ms_);
  auto rows = co_await db_.query(add_token, std::move(params));
  if (!rows) co_return rows.error();
  if (rows->empty()) co_return base::refusal(base::Code::bad_credentials, "wrong name or password");
  co_return to_login(*rows);
}

loop::Task<base::Result<Login>> Users::login_by_token(std::string digest) {
  pg::Params params;
  params.bytea(digest).int8(lifetime_ms_);
  auto rows = co_await db_.query(use_token, std::move(params));
  if (!rows) co_return rows.error();
  if (rows->empty()) co_return base::refusal(base::Code::bad_token, "unknown, expired or revoked");
  used_.insert(digest);
  co_return to_login(*rows);
}

// Not written: tried again with the next. A token that ends a moment early is no harm, nor is somebody who
// was last seen a moment ago.
loop::Task<void> Users::run() {
  for (;;) {
    co_await loop::sleep(loop_, extend_every);
    co_await flush();
  }
}

loop::Task<void> Users::flush() {
  bool written = true;
  while (written && !used_.empty()) written = co_await flush_tokens();
  while (written && !came_.empty()) written = co_await flush_arrivals();
}

loop::Task<bool> Users::flush_tokens() {
  std::vector<std::string> taken;
  while (!used_.empty() && taken.size() < rows_at_once)
    taken.push_back(std::move(used_.extract(used_.begin()).value()));
  const std::vector<std::string_view> digests(taken.begin(), taken.end());
  pg::Params params;
  params.bytea_array(digests).int8(lifetime_ms_);
  auto rows = co_await db_.query(extend_tokens, std::move(params));
  if (!rows) used_.insert(taken.begin(), taken.end());
  co_return static_cast<bool>(rows);
}

loop::Task<bool> Users::flush_arrivals() {
  std::vector<int64_t> taken;
  while (!came_.empty() && taken.size() < rows_at_once) taken.push_back(came_.extract(came_.begin()).value());
  pg::Params params;
  params.int8_array(taken);
  auto rows = co_await db_.query(write_last_login, std::move(params));
  if (!rows) came_.insert(taken.begin(), taken.end());
  co_return static_cast<bool>(rows);
}

loop::Task<base::Result<std::string>> Users::display(int64_t user_id, std::optional<std::string> changed) {
  pg::Params params;
  params.int8(user_id);
  if (changed) params.text(*changed);
  auto rows = co_await db_.query(changed ? set_display : get_display, std::move(params));
  if (!rows) co_return rows.error();
  if (rows->empty()) co_return base::refusal(base::Code::no_such_user, "your account is gone");
  co_return std::string(rows->text(0, 0));
}

loop::Task<base::Result<int64_t>> Users::change_password(User user, std::string password, std::string keep) {
  pg::Params params;
  params.int8(user.id).text(user.password).text(password).bytea(keep);
  auto rows = co_await db_.query(change_password_row, std::move(params));
  if (!rows) co_return rows.error();
  if (rows->empty()) co_return base::refusal(base::Code::bad_credentials, "wrong password");
  co_return rows->micros(0, 0);
}

loop::Task<base::Result<void>> Users::revoke_token(std::string digest) {
  pg::Params params;
  params.bytea(digest);
  auto rows = co_await db_.query(drop_token, std::move(params));
  if (!rows) co_return rows.error();
  co_return base::ok();
}

loop::Task<base::Result<int64_t>> Users::revoke_all(int64_t user_id) {
  std::vector<pg::Query> queries;
  queries.push_back(pg::Query{&lock_user, pg::Params().int8(user_id)});
  queries.push_back(pg::Query{&drop_tokens, pg::Params().int8(user_id)});
  queries.push_back(pg::Query{&add_revocation, pg::Params().int8(user_id)});
  auto rows = co_await db_.transaction(std::move(queries));
  if (!rows) co_return rows.error();
  co_return rows->back().micros(0, 0);
}

loop::Task<base::Result<void>> Users::sweep() {
  auto rows = co_await db_.query(sweep_tokens, pg::Params());
  if (!rows) co_return rows.error();
  co_return base::ok();
}

}  // namespace store
