// See connection.h. The rules of pipeline mode that matter here: each query's answer ends with a NULL, a
// sync's does not; after an error everything up to the sync is PGRES_PIPELINE_ABORTED.
#include "worker/pg/connection.h"

#include <libpq-fe.h>

#include <cassert>
#include <climits>

#include "common/base/log.h"
#include "common/base/text.h"

namespace pg {
namespace {

bool is_error(ExecStatusType status) {
  return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE || status == PGRES_NONFATAL_ERROR;
}

// A server's notice is a line in our log, and no more than that.
void log_notice(void*, const char* message) {
  base::log(base::Level::info, "postgres: %s", base::escaped(message).c_str());
}

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? "" : text;
}

}  // namespace

Connection::Connection(loop::Loop& loop, const std::string& conninfo, Events events)
    : loop_(loop), events_(std::move(events)), conn_(PQconnectStart(conninfo.c_str()), PQfinish) {
  if (conn_) PQsetNoticeProcessor(conn_.get(), log_notice, nullptr);
}

// libpq closes the descriptor: the watches go first.
Connection::~Connection() {
  readable_.reset();
  writable_.reset();
}

int64_t Connection::deadline_ms() const {
  return jobs_.empty() ? INT64_MAX : jobs_.front()->deadline_ms;
}

std::string Connection::error_text() const {
  std::string text = conn_ ? PQerrorMessage(conn_.get()) : "no memory";
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

// libpq may change the socket at every step (the next host of several): it is asked for each time.
void Connection::connect_step() {
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  if (!conn_ || PQstatus(conn_.get()) == CONNECTION_BAD)
    next = PGRES_POLLING_FAILED;
  else if (readable_ || writable_)
    next = PQconnectPoll(conn_.get());
  if (next == PGRES_POLLING_FAILED) return broken(error_text());
  if (next != PGRES_POLLING_OK)
    return watch_socket(next == PGRES_POLLING_READING, next == PGRES_POLLING_WRITING);
  if (PQsetnonblocking(conn_.get(), 1) != 0 || PQenterPipelineMode(conn_.get()) != 1)
    return broken(error_text());
  state_ = State::ready;
  watch_socket(true, false);
  events_.up();
}

void Connection::watch_socket(bool read, bool write) {
  const int now = PQsocket(conn_.get());
  const auto callback = [](void* self) { static_cast<Connection*>(self)->on_event(); };
  if (now != socket_ || state_ == State::connecting) {
    readable_.reset();
    writable_.reset();
    readable_.emplace(loop_, now, loop::readable, callback, this);
    writable_.emplace(loop_, now, loop::writable, callback, this);
    socket_ = now;
  }
  read ? readable_->start() : readable_->stop();
  write ? writable_->start() : writable_->stop();
}

void Connection::on_event() {
  if (state_ == State::connecting) return connect_step();
  if (state_ != State::ready) return;
  if (PQconsumeInput(conn_.get()) != 1) return broken(error_text());
  read_results();
  if (state_ == State::ready) flush();
}

// A full socket is waited for in both directions: the server may be waiting for us to read.
void Connection::flush() {
  const int left = PQflush(conn_.get());
  if (left < 0) return broken(error_text());
  watch_socket(true, left == 1);
}

void Connection::send(std::shared_ptr<Job> job) {
  assert(state_ == State::ready);
  Job& sent = *job;
  jobs_.push_back(std::move(job));
  if (!enqueue(sent)) return broken(error_text());
  flush();
}

// Preparations first, so that they can only fail by themselves.
bool Connection::enqueue(Job& job) {
  PGconn* c = conn_.get();
  for (const Query& query : job.queries) {
    if (!prepared_.insert(query.statement).second) continue;
    job.prepares.push_back(query.statement);
    if (PQsendPrepare(c, query.statement->name, query.statement->sql, 0, nullptr) != 1) return false;
  }
  for (const Query& query : job.queries) {
    const size_t n = query.params.size();
    std::vector<const char*> values(n);
    std::vector<int> lengths(n), formats(n, 1);
    for (size_t i = 0; i < n; ++i) {
      values[i] = query.params.value(i);
      lengths[i] = query.params.length(i);
    }
    if (PQsendQueryPrepared(c, query.statement->name, static_cast<int>(n), values.data(), lengths.data(),
                            formats.data(), 1) != 1)
      return false;
  }
  return PQpipelineSync(c) == 1;
}

void Connection::read_results() {
  bool was_null = false;
  while (state_ == State::ready && !jobs_.empty() && PQisBusy(conn_.get()) == 0) {
    PGresult* result = PQgetResult(conn_.get());
    if (result != nullptr) {
      was_null = false;
      take(result);
    } else {
      if (was_null) break;  // nothing more has come
      was_null = true;
    }
  }
  if (state_ == State::ready && PQstatus(conn_.get()) == CONNECTION_BAD) broken(error_text());
}

void Connection::take(pg_result* result) {
  const ExecStatusType status = PQresultStatus(result);
  Job& job = *jobs_.front();
  Rows rows(result);
  if (status == PGRES_PIPELINE_SYNC) return finish_front();
  const bool preparing = job.step < job.prepares.size();
  if (is_error(status) || status == PGRES_PIPELINE_ABORTED) {
    if (preparing) prepared_.erase(job.prepares[job.step]);
    if (is_error(status)) {
      job.outcome.fate = Fate::failed;
      job.outcome.sqlstate = field(result, PG_DIAG_SQLSTATE);
      job.outcome.detail = field(result, PG_DIAG_MESSAGE_PRIMARY);
    }
  } else if (!preparing) {
    job.outcome.rows.push_back(std::move(rows));
  }
  ++job.step;
}

void Connection::finish_front() {
  std::shared_ptr<Job> job = std::move(jobs_.front());
  jobs_.pop_front();
  if (job->outcome.fate != Fate::failed) job->outcome.fate = Fate::done;
  events_.finished(std::move(job));
}

void Connection::abandon(const std::string& why) {
  broken(why);
}

void Connection::broken(const std::string& why) {
  if (state_ == State::broken) return;
  state_ = State::broken;
  readable_.reset();
  writable_.reset();
  while (!jobs_.empty()) {
    std::shared_ptr<Job> job = std::move(jobs_.front());
    jobs_.pop_front();
    job->outcome.fate = Fate::unknown;
    job->outcome.detail = why;
    job->outcome.rows.clear();
    events_.finished(std::move(job));
  }
  events_.down(why);
}

}  // namespace pg
