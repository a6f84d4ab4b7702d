// See messages.h.
#include "worker/store/messages.h"

#include <algorithm>

namespace store {
namespace {

// Each message's names are looked up one by one, with a LIMIT that says so: a generic plan takes the page for
// a tenth of the conversation, and would read all users for it.
#define NAMES_OF_PAGE                                                                                  \
  "CROSS JOIN LATERAL (SELECT low, high, epoch FROM conversation WHERE id = p.conv_id LIMIT 1) c "     \
  "CROSS JOIN LATERAL (SELECT name FROM users WHERE id = p.sender_id LIMIT 1) s "                      \
  "LEFT JOIN LATERAL (SELECT name FROM users "                                                         \
  "  WHERE id = CASE WHEN p.sender_id = c.low THEN c.high ELSE c.low END LIMIT 1) r ON true "          \
  "LEFT JOIN LATERAL (SELECT name FROM groups WHERE conv_id = p.conv_id AND c.low IS NULL LIMIT 1) g " \
  "  ON true "
#define COLUMNS_OF_PAGE \
  "p.seq, p.created, s.name, coalesce('#' || g.name, '@' || r.name), p.body, coalesce(p.cid, ''), c.epoch, "

constexpr pg::Statement get_after = {
    "get_after",
    "SELECT " COLUMNS_OF_PAGE
    "p.found, p.key, p.sender_id FROM ("
    "  SELECT x.*, count(*) OVER () AS found,"
    "         sum(octet_length(x.body)) OVER (ORDER BY x.seq) - octet_length(x.body) AS before"
    "  FROM (SELECT * FROM message WHERE conv_id = $1 AND seq > $2 ORDER BY seq LIMIT $3) x) p " NAMES_OF_PAGE
    "WHERE p.before < $4"
    "  AND ($5::bigint = 0 OR EXISTS (SELECT 1 FROM member WHERE user_id = $5 AND conv_id = $1)) "
    "ORDER BY p.seq"};

// `before` and `after` are bounds that always hold; which of the two statements is run says from which end.
#define HISTORY(ORDER)                                                                             \
  "SELECT " COLUMNS_OF_PAGE                                                                        \
  "p.found FROM ("                                                                                 \
  "  SELECT x.*, count(*) OVER () AS found,"                                                       \
  "         sum(octet_length(x.body)) OVER (ORDER BY x.seq " ORDER                                 \
  ") - octet_length(x.body) AS before"                                                             \
  "  FROM (SELECT * FROM message WHERE conv_id = $1 AND seq < $2 AND seq > $3 ORDER BY seq " ORDER \
  "        LIMIT $4) x) p " NAMES_OF_PAGE "WHERE p.before < $5 ORDER BY p.seq " ORDER

constexpr pg::Statement history_down = {"history_down", HISTORY("DESC")};
constexpr pg::Statement history_up = {"history_up", HISTORY("ASC")};

constexpr pg::Statement what_stands = {"what_stands", R"(
  SELECT coalesce(m.seq, 0), m.created, a.ok IS NOT NULL
  FROM (SELECT 1) x
  LEFT JOIN LATERAL (SELECT seq, created FROM message
                     WHERE conv_id = $1 AND sender_id = $2 AND key = ANY($3::uuid[]) LIMIT 1) m ON true
  LEFT JOIN LATERAL (SELECT 1 AS ok FROM member JOIN conversation c ON c.id = conv_id
                     WHERE user_id = $2 AND conv_id = $1 AND NOT c.blocked LIMIT 1) a ON true)"};

Message to_message(const pg::Rows& rows, int row) {
  Message message;
  message.seq = rows.int8(row, 0);
  message.ts = rows.millis(row, 1);
  message.from = rows.text(row, 2);
  message.to = rows.text(row, 3);
  message.text = rows.text(row, 4);
  message.cid = rows.text(row, 5);
  return message;
}

}  // namespace

loop::Task<base::Result<Page>> Messages::after(int64_t conv, int64_t after, int64_t limit, int64_t bytes,
                                               int64_t user) {
  pg::Params params;
  params.int8(conv).int8(after).int8(limit).int8(bytes).int8(user);
  auto rows = co_await db_.query(get_after, std::move(params));
  if (!rows) co_return rows.error();
  Page page;
  for (int i = 0; i < rows->count(); ++i) {
    page.messages.push_back(to_message(*rows, i));
    page.messages.back().key = rows->text(i, 8);
    page.messages.back().sender = rows->int8(i, 9);
    page.epoch = rows->int8(i, 6);
    const int64_t found = rows->int8(i, 7);
    page.more = found == limit || found > rows->count();
  }
  co_return page;
}

loop::Task<base::Result<Standing>> Messages::standing(int64_t conv, int64_t sender, std::string key) {
  std::vector<std::string_view> keys;
  keys.push_back(key);
  pg::Params params;
  params.int8(conv).int8(sender).uuid_array(keys);
  auto row = co_await db_.query(what_stands, std::move(params));
  if (!row) co_return row.error();
  Standing standing;
  standing.first.seq = row->int8(0, 0);
  standing.first.ts = row->is_null(0, 1) ? 0 : row->millis(0, 1);
  standing.allowed = row->boolean(0, 2);
  co_return standing;
}

// One more than asked is read, to know whether there are more.
loop::Task<base::Result<Page>> Messages::history(int64_t conv, int64_t before, int64_t after, int64_t limit,
                                                 int64_t bytes) {
  const bool up = after >= 0;
  pg::Params params;
  params.int8(conv).int8(before < 0 ? INT64_MAX : before).int8(up ? after : 0).int8(limit + 1).int8(bytes);
  auto rows = co_await db_.query(up ? history_up : history_down, std::move(params));
  if (!rows) co_return rows.error();
  Page page;
  page.more = !rows->empty() && (rows->count() > limit || rows->int8(0, 7) > rows->count());
  for (int i = 0; i < rows->count() && i < limit; ++i) page.messages.push_back(to_message(*rows, i));
  if (!up) std::reverse(page.messages.begin(), page.messages.end());
  co_return page;
}

}  // namespace store
