// See messages.h.
#include "worker/store/messages.h"

namespace store {
namespace {

constexpr pg::Statement get_after = {"get_after", R"(
  SELECT p.seq, p.created, s.name, '@' || r.name, p.body, coalesce(p.cid, ''), p.found
  FROM (SELECT x.*, count(*) OVER () AS found,
               sum(octet_length(x.body)) OVER (ORDER BY x.seq) - octet_length(x.body) AS before
        FROM (SELECT * FROM message WHERE conv_id = $1 AND seq > $2 ORDER BY seq LIMIT $3) x) p
  JOIN conversation c ON c.id = p.conv_id
  JOIN users s ON s.id = p.sender_id
  JOIN users r ON r.id = CASE WHEN p.sender_id = c.low THEN c.high ELSE c.low END
  WHERE p.before < $4 ORDER BY p.seq)"};

}  // namespace

loop::Task<base::Result<Page>> Messages::after(int64_t conv, int64_t after, int64_t limit, int64_t bytes) {
  pg::Params params;
  params.int8(conv).int8(after).int8(limit).int8(bytes);
  auto rows = co_await db_.query(get_after, std::move(params));
  if (!rows) co_return rows.error();
  Page page;
  for (int i = 0; i < rows->count(); ++i) {
    Message message;
    message.seq = rows->int8(i, 0);
    message.ts = rows->millis(i, 1);
    message.from = rows->text(i, 2);
    message.to = rows->text(i, 3);
    message.text = rows->text(i, 4);
    message.cid = rows->text(i, 5);
    page.messages.push_back(std::move(message));
    const int64_t found = rows->int8(i, 6);
    page.more = found == limit || found > rows->count();
  }
  co_return page;
}

}  // namespace store
