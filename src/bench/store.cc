// See store.h.
#include "bench/store.h"

#include <libpq-fe.h>
#include <unistd.h>

#include <initializer_list>
#include <set>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "bench/clock.h"
#include "common/base/text.h"

namespace bench {
namespace {

constexpr int64_t patience_us = 60 * second_us;  // for a database that is being started
constexpr useconds_t pause_us = 200000;

#define OF_CONVERSATION                                                         \
  " JOIN conversation c ON c.id = x.conv_id LEFT JOIN users l ON l.id = c.low " \
  "LEFT JOIN users h ON h.id = c.high LEFT JOIN groups g ON g.conv_id = c.id"

// A message's cid tells its run, and its number there; the time only spares reading what is older, and may be
// wrong by what a clock jumps.
constexpr const char* messages_sql =
    "SELECT l.name, h.name, g.name, x.conv_id, x.seq, s.name, substr(x.cid, length($1) + 1), x.body "
    "FROM message x JOIN users s ON s.id = x.sender_id" OF_CONVERSATION
    " WHERE x.created >= $2::timestamptz - interval '1 hour' AND starts_with(x.cid, $1)";

// Where the run has written: with all that is there.
constexpr const char* conversations_sql =
    "SELECT l.name, h.name, g.name, c.last_seq, x.count, x.lowest, x.highest "
    "FROM (SELECT conv_id, count(*), min(seq) AS lowest, max(seq) AS highest FROM message "
    "      WHERE conv_id = ANY($1::bigint[]) GROUP BY conv_id) x" OF_CONVERSATION;

// Who is a member; and who was one from when to when.
constexpr const char* memberships_sql =
    "WITH was AS ("
    "  SELECT conv_id, user_id, joined, seq, lead(joined) OVER w AS next, lead(seq) OVER w AS until"
    "  FROM member_change WHERE conv_id = ANY($1::bigint[])"
    "  WINDOW w AS (PARTITION BY conv_id, user_id ORDER BY epoch)) "
    "SELECT l.name, h.name, g.name, u.name, x.after, x.until, x.recv_seq FROM ("
    "  SELECT conv_id, user_id, joined_seq AS after, NULL::bigint AS until, recv_seq FROM member "
    "  WHERE conv_id = ANY($1::bigint[]) "
    "  UNION ALL SELECT conv_id, user_id, seq, until, 0 FROM was WHERE joined AND NOT next) x "
    "JOIN users u ON u.id = x.user_id" OF_CONVERSATION;

// One row of an answer.
class Row {
 public:
  Row(const PGresult* result, int row, const Names& names) : result_(result), row_(row), names_(names) {}

  bool has(int column) const { return PQgetisnull(result_, row_, column) == 0; }
  std::string_view text(int column) const { return PQgetvalue(result_, row_, column); }
  int64_t number(int column) const { return base::to_int(text(column)).value_or(-1); }
  int32_t user(int column) const { return names_.user(text(column)); }
  // The first three columns of every answer.
  Conv conv() const {
    return has(2) ? names_.group("#" + std::string(text(2))) : Names::direct(user(0), user(1));
  }

 private:
  const PGresult* result_;
  int row_;
  const Names& names_;
};

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, Clear>;

Result query(PGconn* connection, const char* sql, std::initializer_list<std::string> parameters) {
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  Result result(PQexecParams(connection, sql, static_cast<int>(values.size()), nullptr, values.data(),
                             nullptr, nullptr, 0));
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK)
    throw std::runtime_error(std::string("PostgreSQL: ") + PQerrorMessage(connection));
  return result;
}

// Calls `take` with each row of the answer.
template <class Take>
void each(const Result& result, const Names& names, Take take) {
  for (int row = 0; row < PQntuples(result.get()); ++row) take(Row(result.get(), row, names));
}

Stored::Message message_of(const Row& row) {
  Stored::Message message;
  message.conv = row.conv();
  message.seq = row.number(4);
  message.from = row.user(5);
  message.number = static_cast<int32_t>(row.number(6));
  message.text = digest(row.text(7));
  return message;
}

Stored::Conversation conversation_of(const Row& row) {
  return {row.conv(), row.number(3), row.number(4), row.number(5), row.number(6)};
}

Stored::Membership membership_of(const Row& row) {
  return {row.conv(), row.user(3), row.number(4), row.has(5) ? row.number(5) : INT64_MAX, row.number(6)};
}

}  // namespace

void Store::Finish::operator()(PGconn* connection) const {
  PQfinish(connection);
}

Store::Store(std::string conninfo) : conninfo_(std::move(conninfo)) {
  connect();
  since_ = PQgetvalue(query(connection_.get(), "SELECT clock_timestamp()", {}).get(), 0, 0);
}

Store::~Store() = default;

void Store::connect() {
  const char* const keys[] = {"dbname", "connect_timeout", "application_name", "options", nullptr};
  const char* const values[] = {conninfo_.c_str(), "5", "chatbench",
                                "-c statement_timeout=300s -c timezone=UTC", nullptr};
  connection_.reset(PQconnectdbParams(keys, values, 1));
  if (PQstatus(connection_.get()) != CONNECTION_OK)
    throw std::runtime_error(std::string("PostgreSQL: ") + PQerrorMessage(connection_.get()));
}

void Store::reconnect() {
  for (const int64_t since = now_us();; usleep(pause_us)) {
    try {
      return connect();
    } catch (const std::runtime_error&) {
      if (now_us() - since > patience_us) throw;
    }
  }
}

// Over a new connection: the database may have been restarted meanwhile.
Stored Store::read(const Names& names, const std::string& run) {
  reconnect();
  PGconn* const connection = connection_.get();
  Stored stored;
  std::set<std::string> touched;
  each(query(connection, messages_sql, {run + "-", since_}), names, [&](const Row& row) {
    stored.messages.push_back(message_of(row));
    touched.emplace(row.text(3));
  });
  std::string conversations = "{";
  for (const std::string& id : touched) conversations.append(conversations.size() > 1 ? "," : "").append(id);
  conversations += "}";
  each(query(connection, conversations_sql, {conversations}), names,
       [&](const Row& row) { stored.conversations.push_back(conversation_of(row)); });
  each(query(connection, memberships_sql, {conversations}), names,
       [&](const Row& row) { stored.memberships.push_back(membership_of(row)); });
  return stored;
}

}  // namespace bench
