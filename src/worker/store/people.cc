// See people.h.
#include "worker/store/people.h"

#include "worker/store/refusals.h"

namespace store {
namespace {

constexpr loop::Millis retry_pause(500), idle_wait(60000);
constexpr size_t rows_at_once = 1000;

constexpr pg::Statement find_people = {"find_people", R"(
  SELECT coalesce(u.id, 0), n.name, coalesce(u.display, ''), u.last_seen, u.last_login
  FROM unnest($1::text[]) WITH ORDINALITY n(name, ord) LEFT JOIN users u ON u.name = n.name ORDER BY n.ord)"};

constexpr pg::Statement people_by_id = {"people_by_id", R"(
  SELECT id, name, display, last_seen, last_login FROM users WHERE id = ANY($1::bigint[]))"};

constexpr pg::Statement mutual_contacts_of = {"mutual_contacts_of", R"(
  SELECT c.user_id, c.contact_id FROM contact c WHERE c.user_id = ANY($1::bigint[])
  AND EXISTS (SELECT 1 FROM contact r WHERE r.user_id = c.contact_id AND r.contact_id = c.user_id))"};

constexpr pg::Statement contacts_of = {"contacts_of", R"(
  SELECT u.id, u.name, u.display, u.last_seen, u.last_login FROM contact c JOIN users u ON u.id = c.contact_id
  WHERE c.user_id = $1 ORDER BY u.name)"};

// Repeated, it is no change, whatever the limit.
constexpr pg::Statement add_contact_row = {"add_contact", R"(
  WITH u AS MATERIALIZED (SELECT id FROM users WHERE name = $2),
  f AS MATERIALIZED (
    SELECT u.id, EXISTS (SELECT 1 FROM contact WHERE user_id = $1 AND contact_id = u.id) AS had,
           EXISTS (SELECT 1 FROM block WHERE user_id = $1 AND blocked_id = u.id)
             OR EXISTS (SELECT 1 FROM block WHERE user_id = u.id AND blocked_id = $1) AS blocked,
           (SELECT count(*) FROM contact WHERE user_id = $1) < $3::bigint AS room
    FROM u),
  i AS (INSERT INTO contact (user_id, contact_id) SELECT $1, id FROM f WHERE NOT had AND NOT blocked AND room
        ON CONFLICT DO NOTHING)
  SELECT id, had, blocked, room FROM f)"};

constexpr pg::Statement remove_contact_row = {"remove_contact", R"(
  WITH u AS MATERIALIZED (SELECT id FROM users WHERE name = $2),
  d AS (DELETE FROM contact c USING u WHERE c.user_id = $1 AND c.contact_id = u.id)
  SELECT id FROM u)"};

constexpr pg::Statement write_last_seen = {"write_last_seen", R"(
  WITH l AS MATERIALIZED (
    SELECT id FROM users WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE)
  UPDATE users u SET last_seen = now() FROM l WHERE u.id = l.id)"};

std::vector<Person> to_people(const pg::Rows& rows) {
  std::vector<Person> people;
  for (int i = 0; i < rows.count(); ++i) {
    Person person;
    person.user = rows.int8(i, 0);
    person.name = rows.text(i, 1);
    person.display = rows.text(i, 2);
    if (!rows.is_null(i, 3)) person.left = rows.millis(i, 3);
    if (!rows.is_null(i, 4)) person.came = rows.millis(i, 4);
    people.push_back(std::move(person));
  }
  return people;
}

}  // namespace

People::People(loop::Loop& loop, Database& database, const conf::Settings& settings)
    : loop_(loop), db_(database), settings_(settings) {}

loop::Task<base::Result<std::vector<Person>>> People::find(std::vector<std::string> names) {
  const std::vector<std::string_view> views(names.begin(), names.end());
  pg::Params params;
  params.text_array(views);
  auto rows = co_await db_.query(find_people, std::move(params));
  if (!rows) co_return rows.error();
  co_return to_people(*rows);
}

loop::Task<base::Result<std::vector<Person>>> People::by_id(std::vector<int64_t> users) {
  pg::Params params;
  params.int8_array(users);
  auto rows = co_await db_.query(people_by_id, std::move(params));
  if (!rows) co_return rows.error();
  co_return to_people(*rows);
}

loop::Task<base::Result<std::vector<People::Pair>>> People::mutual_contacts(std::vector<int64_t> users) {
  pg::Params params;
  params.int8_array(users);
  auto rows = co_await db_.query(mutual_contacts_of, std::move(params));
  if (!rows) co_return rows.error();
  std::vector<Pair> pairs;
  for (int i = 0; i < rows->count(); ++i) pairs.emplace_back(rows->int8(i, 0), rows->int8(i, 1));
  co_return pairs;
}

loop::Task<base::Result<std::vector<Person>>> People::contacts(int64_t user) {
  pg::Params params;
  params.int8(user);
  auto rows = co_await db_.query(contacts_of, std::move(params));
  if (!rows) co_return rows.error();
  co_return to_people(*rows);
}

loop::Task<base::Result<int64_t>> People::add_contact(int64_t user, std::string name) {
  pg::Params params;
  params.int8(user).text(name).int8(settings_.max_contacts);
  auto rows = co_await db_.query(add_contact_row, std::move(params));
  if (!rows) co_return rows.error();
  if (rows->empty()) co_return no_such_user(name);
  const bool had = rows->boolean(0, 1), is_blocked = rows->boolean(0, 2), room = rows->boolean(0, 3);
  if (had || (!is_blocked && room)) co_return rows->int8(0, 0);
  co_return is_blocked ? blocked() : too_many("too many contacts", "max_contacts");
}

loop::Task<base::Result<int64_t>> People::remove_contact(int64_t user, std::string name) {
  pg::Params params;
  params.int8(user).text(name);
  auto rows = co_await db_.query(remove_contact_row, std::move(params));
  if (!rows) co_return rows.error();
  if (rows->empty()) co_return no_such_user(name);
  co_return rows->int8(0, 0);
}

void People::left(int64_t user) {
  left_.insert(user);
  someone_left_.wake();
}

loop::Task<void> People::run() {
  for (;;) {
    while (left_.empty()) co_await someone_left_.wait(loop_, idle_wait);
    co_await flush();
    if (!left_.empty()) co_await loop::sleep(loop_, retry_pause);
  }
}

loop::Task<void> People::flush() {
  while (!left_.empty()) {
    std::vector<int64_t> users;
    while (!left_.empty() && users.size() < rows_at_once)
      users.push_back(left_.extract(left_.begin()).value());
    pg::Params params;
    params.int8_array(users);
    auto rows = co_await db_.query(write_last_seen, std::move(params));
    if (rows) continue;
    left_.insert(users.begin(), users.end());
    co_return;
  }
}

}  // namespace store
