// For unit tests of the store: settings, users and conversations put into a real database, and a worker's
// batch whose answers are gathered. Owned by the test that includes it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "postgres.h"
#include "turns.h"
#include "worker/store/batch.h"

namespace tap {

inline conf::Settings settings(const Postgres& server) {
  conf::Settings s;
  s.node = "test";
  s.postgres = server.conninfo();
  s.postgres_connections = s.batch_connections = 2;
  s.postgres_timeout = 4000;
  s.postgres_queue = 4096;
  s.batch_messages = 128;
  s.batch_bytes = 256 << 10;
  s.batch_queue = 8192;
  s.ack_interval = 10;
  s.gates = s.name_cache = 100000;
  return s;
}

// Users 1 to `count`, named user1 and so on.
inline void add_users(Postgres& server, int count) {
  server.sql("INSERT INTO users (name, password) SELECT 'user' || i, 'x' FROM generate_series(1, " +
             std::to_string(count) + ") i");
}

// The conversation of two users, both its members.
inline int64_t add_direct(Postgres& server, int64_t low, int64_t high) {
  const std::string pair = std::to_string(low) + ", " + std::to_string(high);
  const int64_t conv =
      server.number("INSERT INTO conversation (low, high) VALUES (" + pair + ") RETURNING id");
  server.sql("INSERT INTO member (user_id, conv_id) SELECT DISTINCT u, " + std::to_string(conv) +
             " FROM unnest(ARRAY[" + pair + "]) u");
  return conv;
}

// A key as the handler makes them, told apart by its text.
inline std::string key(const std::string& text) {
  std::string bytes = text;
  bytes.resize(16, '.');
  return bytes;
}

// A worker's batch, and what came of each message.
class Sender {
 public:
  struct Done {
    store::Send send{};
    bool answered = false;
    base::Result<store::Sent> result = base::internal("open");
    int64_t after_ms = 0;
    bool ok() const { return answered && static_cast<bool>(result); }
  };

  Sender(loop::Loop& loop, const conf::Settings& settings)
      : loop_(loop), settings_(settings), database_(loop, settings_, [](std::string) { std::abort(); }) {
    batch_ = std::make_unique<store::Batch>(
        loop, database_, settings_,
        [this](const store::Send& send, const store::Sent& sent) { committed.emplace_back(send, sent); });
  }

  std::shared_ptr<Done> send(int64_t conv, int64_t sender, const std::string& text, std::string key = "",
                             const std::string& cid = "") {
    auto done = std::make_shared<Done>();
    done->send.conv = conv;
    done->send.sender = sender;
    done->send.text = text;
    done->send.cid = cid;
    done->send.to = "@peer";
    done->send.key = key.empty() ? tap::key(std::to_string(++keys)) : key;
    store::Send copy = done->send;
    roots_.spawn(wait_for(batch_->add(std::move(copy)), done));
    return done;
  }
  bool settled() const { return roots_.size() == 0; }
  // Until every message has been answered.
  void settle() {
    until(loop_, [this] { return settled(); });
  }
  bool up() {
    return until(loop_, [this] {
      bool all = database_.up();
      for (const auto& lane : database_.lanes()) all &= lane->up();
      return all;
    });
  }
  store::Batch& batch() { return *batch_; }
  store::Database& database() { return database_; }

  std::vector<std::pair<store::Send, store::Sent>> committed{};  // as on_committed told it

 private:
  static loop::Task<void> wait_for(std::shared_ptr<store::PendingSend> pending, std::shared_ptr<Done> done) {
    const int64_t before = base::mono_ms();
    auto result = co_await store::Batch::Answer(pending);
    done->result = std::move(result);
    done->answered = true;
    done->after_ms = base::mono_ms() - before;
  }
  static inline int keys = 0;

  loop::Loop& loop_;
  const conf::Settings settings_;
  store::Database database_;
  std::unique_ptr<store::Batch> batch_;
  Roots roots_{loop_};
};

// Every conversation's numbers are 1, 2, 3, … up to its last_seq.
inline bool gapless(Postgres& server) {
  return server.number(
             "SELECT count(*) FROM conversation c LEFT JOIN LATERAL (SELECT count(*) n, max(seq) m "
             "FROM message WHERE conv_id = c.id) x ON true "
             "WHERE c.last_seq <> x.n OR c.last_seq <> coalesce(x.m, 0)") == 0;
}

}  // namespace tap
