// See conversations.h.
#include "worker/store/conversations.h"

#include "worker/store/refusals.h"

#include <algorithm>

namespace store {
namespace {

constexpr pg::Statement find_direct = {"find_direct", R"(
  SELECT u.id, coalesce(c.id, 0) FROM users u
  LEFT JOIN conversation c ON c.low = least(u.id, $1::bigint) AND c.high = greatest(u.id, $1::bigint)
  WHERE u.name = $2)"};

// Two workers may make the same conversation at once: the second waits at the unique index, then finds it.
constexpr pg::Statement add_direct = {"add_direct", R"(
  INSERT INTO conversation (low, high) VALUES ($1, $2) ON CONFLICT (low, high) DO NOTHING)"};
constexpr pg::Statement add_direct_members = {"add_direct_members", R"(
  INSERT INTO member (user_id, conv_id)
  SELECT DISTINCT u, c.id FROM conversation c, unnest(ARRAY[c.low, c.high]) u
  WHERE c.low = $1 AND c.high = $2 ON CONFLICT DO NOTHING)"};
constexpr pg::Statement get_direct = {"get_direct", R"(
  SELECT id FROM conversation WHERE low = $1 AND high = $2)"};

constexpr pg::Statement get_head = {"get_head", "SELECT last_seq FROM conversation WHERE id = $1"};

// Where a session's reading of conversation `c` as member `m` starts: at recv_seq, or lower where that was
// acknowledged by another device with messages that came after this session began. One message tells which;
// only then the place is looked for by halves, for times rise with seq, and what has come since may be much.
// clang-format off
#define START(SINCE)                                                                          \
  "CASE WHEN m.recv_seq <= m.joined_seq THEN m.joined_seq "                                   \
  "     WHEN coalesce((SELECT created < to_timestamp(" SINCE " / 1e6) FROM message "          \
  "                    WHERE conv_id = c.id AND seq = least(m.recv_seq, c.last_seq)), true) " \
  "       THEN least(m.recv_seq, c.last_seq) "                                                \
  "     ELSE (WITH RECURSIVE half(low, high) AS ( "                                           \
  "             SELECT m.joined_seq, least(m.recv_seq, c.last_seq) - 1 "                      \
  "             UNION ALL "                                                                   \
  "             SELECT CASE WHEN x.older THEN x.seq ELSE low END, "                           \
  "                    CASE WHEN x.older THEN high ELSE x.seq - 1 END "                       \
  "             FROM half CROSS JOIN LATERAL ( "                                              \
  "               SELECT seq, created < to_timestamp(" SINCE " / 1e6) AS older FROM message " \
  "               WHERE conv_id = c.id AND seq = (low + high + 1) / 2 LIMIT 1) x "            \
  "             WHERE low < high) "                                                           \
  "           SELECT max(low) FROM half) END "
// clang-format on

constexpr pg::Statement get_waiting = {"get_waiting",
                                       "SELECT w.conv_id, w.start, w.last_seq FROM ("
                                       "  SELECT m.conv_id, c.last_seq, " START("$2::bigint") " AS start"
                                       "  FROM member m JOIN conversation c ON c.id = m.conv_id"
                                       "  WHERE m.user_id = $1 AND m.conv_id > $3) w "
                                       "WHERE w.last_seq > w.start ORDER BY w.conv_id LIMIT $4"};

// Each LATERAL has a LIMIT, so that no plan made while a table was small reads it whole later.
constexpr pg::Statement get_positions = {
    "get_positions",
    "SELECT c.last_seq, CASE WHEN m.user_id IS NULL THEN c.last_seq ELSE " START("r.since") " END "
    "FROM unnest($2::bigint[], $3::bigint[]) WITH ORDINALITY r(user_id, since, ord)"
    "  CROSS JOIN LATERAL (SELECT id, last_seq FROM conversation WHERE id = $1 LIMIT 1) c"
    "  LEFT JOIN LATERAL (SELECT user_id, recv_seq, joined_seq FROM member"
    "                     WHERE user_id = r.user_id AND conv_id = $1 LIMIT 1) m ON true "
    "ORDER BY r.ord"};

// Times are compared in milliseconds, as clients see them: what is equal there is sorted by name.
constexpr pg::Statement list_conversations = {"list_conversations", R"(
  WITH mine AS (
    SELECT CASE WHEN c.low IS NULL THEN '#' || g.name
                ELSE '@' || (SELECT name FROM users
                             WHERE id = CASE WHEN c.low = $1 THEN c.high ELSE c.low END) END COLLATE "C" AS conv,
           c.id, c.last_seq, m.recv_seq, m.read_seq, l.sender_id, l.body, l.created,
           floor(extract(epoch FROM coalesce(l.created, g.created)) * 1000)::bigint AS place
    FROM member m JOIN conversation c ON c.id = m.conv_id
    LEFT JOIN groups g ON g.conv_id = c.id AND c.low IS NULL
    LEFT JOIN message l ON l.conv_id = c.id AND l.seq = c.last_seq
    WHERE m.user_id = $1 AND (c.last_seq > 0 OR c.low IS NULL))
  SELECT p.conv, p.last_seq, p.recv_seq, p.read_seq, p.place, coalesce(s.name, ''), coalesce(p.body, ''),
         p.created
  FROM (SELECT * FROM mine WHERE place < $2 OR (place = $2 AND conv > $3 COLLATE "C")
        ORDER BY place DESC, conv LIMIT $4) p
  LEFT JOIN users s ON s.id = p.sender_id ORDER BY p.place DESC, p.conv)"};

// The upper bound is for the planner: of a range with two ends it expects few rows, and takes the index,
// where one end alone would make it read the whole table.
constexpr pg::Statement get_recent = {"get_recent", R"(
  SELECT c.id, coalesce(c.low, 0), coalesce(c.high, 0), c.last_seq
  FROM (SELECT DISTINCT conv_id FROM message
        WHERE created > now() - $1::bigint * interval '1 millisecond'
          AND created < now() + $1::bigint * interval '1 millisecond') m
  CROSS JOIN LATERAL (SELECT * FROM conversation WHERE id = m.conv_id LIMIT 1) c)"};

}  // namespace

Conversations::Conversations(Database& database, const conf::Settings& settings)
    : db_(database),
      ids_(static_cast<size_t>(settings.name_cache)),
      pairs_(static_cast<size_t>(settings.name_cache)) {}

Direct Conversations::cached_direct(int64_t user, const std::string& peer_name) {
  Direct direct;
  const auto peer = ids_.find(peer_name);
  if (!peer) return direct;
  direct.peer = *peer;
  direct.conv = pairs_.find(std::minmax(user, *peer)).value_or(0);
  return direct;
}

void Conversations::remember(int64_t user, int64_t peer, int64_t conv) {
  if (conv != 0) pairs_.put(std::minmax(user, peer), conv);
}

loop::Task<base::Result<Direct>> Conversations::direct(int64_t user, std::string peer_name, bool make) {
  Direct direct = cached_direct(user, peer_name);
  if (direct.conv != 0) co_return direct;
  pg::Params params;
  params.int8(user).text(peer_name);
  auto rows = co_await db_.query(find_direct, std::move(params));
  if (!rows) co_return rows.error();
  if (rows->empty()) co_return no_such_user(peer_name);
  direct.peer = rows->int8(0, 0);
  direct.conv = rows->int8(0, 1);
  ids_.put(peer_name, direct.peer);
  if (direct.conv == 0 && make) {
    auto made = co_await make_direct(std::min(user, direct.peer), std::max(user, direct.peer));
    if (!made) co_return made.error();
    direct.conv = *made;
  }
  remember(user, direct.peer, direct.conv);
  co_return direct;
}

loop::Task<base::Result<int64_t>> Conversations::make_direct(int64_t low, int64_t high) {
  std::vector<pg::Query> queries;
  for (const pg::Statement* statement : {&add_direct, &add_direct_members, &get_direct})
    queries.push_back(pg::Query{statement, pg::Params().int8(low).int8(high)});
  auto rows = co_await db_.transaction(std::move(queries));
  if (!rows) co_return rows.error();
  co_return rows->back().int8(0, 0);
}

loop::Task<base::Result<int64_t>> Conversations::head(int64_t conv) {
  pg::Params params;
  params.int8(conv);
  auto rows = co_await db_.query(get_head, std::move(params));
  if (!rows) co_return rows.error();
  co_return rows->empty() ? int64_t{0} : rows->int8(0, 0);
}

loop::Task<base::Result<std::vector<Waiting>>> Conversations::waiting(Reader reader, int64_t after,
                                                                      int64_t limit) {
  pg::Params params;
  params.int8(reader.user).int8(reader.since).int8(after).int8(limit);
  auto rows = co_await db_.query(get_waiting, std::move(params));
  if (!rows) co_return rows.error();
  std::vector<Waiting> found;
  for (int i = 0; i < rows->count(); ++i) {
    Waiting waiting;
    waiting.conv = rows->int8(i, 0);
    waiting.from = rows->int8(i, 1);
    waiting.last = rows->int8(i, 2);
    found.push_back(waiting);
  }
  co_return found;
}

loop::Task<base::Result<Positions>> Conversations::positions(int64_t conv, std::vector<Reader> readers) {
  std::vector<int64_t> users, since;
  for (const Reader& reader : readers) {
    users.push_back(reader.user);
    since.push_back(reader.since);
  }
  pg::Params params;
  params.int8(conv).int8_array(users).int8_array(since);
  auto rows = co_await db_.query(get_positions, std::move(params));
  if (!rows) co_return rows.error();
  Positions positions;
  for (int i = 0; i < rows->count(); ++i) {
    positions.head = rows->int8(i, 0);
    positions.from.push_back(rows->int8(i, 1));
  }
  co_return positions;
}

loop::Task<base::Result<std::vector<Overview>>> Conversations::list(int64_t user, OverviewPlace below,
                                                                    int64_t limit) {
  pg::Params params;
  params.int8(user).int8(below.order).text(below.conv).int8(limit);
  auto rows = co_await db_.query(list_conversations, std::move(params));
  if (!rows) co_return rows.error();
  std::vector<Overview> found;
  for (int i = 0; i < rows->count(); ++i) {
    Overview line;
    line.conv = rows->text(i, 0);
    line.last_seq = rows->int8(i, 1);
    line.recv_seq = rows->int8(i, 2);
    line.read_seq = rows->int8(i, 3);
    line.order = rows->int8(i, 4);
    line.from = rows->text(i, 5);
    line.text = rows->text(i, 6);
    if (!rows->is_null(i, 7)) line.ts = rows->millis(i, 7);
    found.push_back(std::move(line));
  }
  co_return found;
}

loop::Task<base::Result<std::vector<Recent>>> Conversations::recent(int64_t window_ms) {
  pg::Params params;
  params.int8(window_ms);
  auto rows = co_await db_.query(get_recent, std::move(params));
  if (!rows) co_return rows.error();
  std::vector<Recent> found;
  for (int i = 0; i < rows->count(); ++i) {
    Recent recent;
    recent.conv = rows->int8(i, 0);
    recent.low = rows->int8(i, 1);
    recent.high = rows->int8(i, 2);
    recent.last = rows->int8(i, 3);
    found.push_back(recent);
  }
  co_return found;
}

}  // namespace store
