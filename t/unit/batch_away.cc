// The batch and a PostgreSQL that fails: who waits is answered in time and truly, and whatever was
// acknowledged is stored, once, over a stop, a freeze, crashes and cut connections.
#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>

#include "store.h"

namespace {

using tap::Sender;
using How = tap::Postgres::How;

constexpr int64_t timeout_ms = 1200;

conf::Settings hasty(const tap::Postgres& server) {
  conf::Settings s = tap::settings(server);
  s.postgres_timeout = timeout_ms;
  return s;
}

struct Bench {
  tap::Postgres& server;
  loop::Loop& loop;
  int64_t conv;
  bool stored(const std::string& key) {
    std::string hex;
    for (const char c : key) {
      char byte[3];
      std::snprintf(byte, sizeof byte, "%02x", static_cast<unsigned char>(c));
      hex += byte;
    }
    return server.number("SELECT count(*) FROM message WHERE key = '" + hex + "'") != 0;
  }
};

bool unavailable(const std::shared_ptr<Sender::Done>& done, bool maybe) {
  return done->answered && !done->ok() && done->result.error().code == base::Code::unavailable &&
         done->result.error().maybe == maybe;
}

void stopped(Bench& b) {
  Sender sender(b.loop, hasty(b.server));
  sender.up();
  b.server.stop(How::fast);
  tap::until(b.loop, [&] { return !sender.database().up(); });
  tap::spend(b.loop, 50);
  const auto done = sender.send(b.conv, 1, "lost", tap::key("lost"));
  sender.settle();
  tap::ok(unavailable(done, false), "the server is stopped: unavailable, and nothing is kept");
  tap::ok(done->after_ms >= timeout_ms - 50 && done->after_ms < timeout_ms + 2000, "in time");
  tap::ok(tap::until(b.loop, [&] { return sender.batch().idle(); }), "and it is forgotten");
  const auto waits = sender.send(b.conv, 1, "waits", tap::key("waits"));
  b.server.start();
  sender.settle();
  tap::ok(waits->ok() || unavailable(waits, false), "the server is back: what still waits is stored");
  tap::is(b.stored(tap::key("waits")), waits->ok(), "if it was told so");
  const auto again = sender.send(b.conv, 1, "lost", tap::key("lost"));
  sender.settle();
  tap::ok(again->ok() && !again->result->duplicate, "the lost one is new when it is sent again");
}

// It was sent, and no answer comes: that is the one case of `maybe`.
void frozen(Bench& b) {
  Sender sender(b.loop, hasty(b.server));
  sender.up();
  b.server.freeze();
  const auto sent = sender.send(b.conv, 1, "in flight", tap::key("in flight"));
  tap::settle(b.loop);
  const auto queued = sender.send(b.conv, 1, "queued", tap::key("queued"));
  sender.settle();
  tap::ok(unavailable(sent, true), "the server is frozen: what was sent may be stored");
  tap::ok(unavailable(queued, false), "what was not is not");
  tap::ok(sent->after_ms < timeout_ms + 2000 && queued->after_ms < timeout_ms + 2000, "in time");
  tap::ok(!sender.batch().idle() && sender.committed.empty(), "the first is not given up");
  b.server.thaw();
  tap::until(b.loop, [&] { return sender.batch().idle(); });
  tap::ok(b.stored(sent->send.key) && !b.stored(queued->send.key), "it goes on: stored, and the other not");
  tap::is(sender.committed.size(), size_t{1}, "and told, once, though nobody waits any more");
  const auto again = sender.send(b.conv, 1, "in flight", tap::key("in flight"));
  sender.settle();
  tap::ok(again->ok() && again->result->duplicate && sender.committed[0].second.seq == again->result->seq,
          "sent again, it is a duplicate");
}

// The connection comes back just when clients are told: what they were told must hold.
void back_at_the_last_moment(Bench& b) {
  conf::Settings one = hasty(b.server);
  one.postgres_connections = one.batch_connections = 1;
  std::vector<std::unique_ptr<Sender>> senders;
  for (int i = 0; i < 10; ++i) senders.push_back(std::make_unique<Sender>(b.loop, one));
  int kept = 0, not_kept = 0, wrong = 0;
  for (int round = 0; round < 3; ++round) {
    for (const auto& sender : senders) sender->up();
    b.server.cut_off();
    b.server.hold_new_connections(true);
    tap::until(b.loop, [&] { return !senders.back()->database().lanes()[0]->up(); });
    std::vector<std::shared_ptr<Sender::Done>> all;
    for (const auto& sender : senders) {
      all.push_back(sender->send(b.conv, 1, "moment"));
      tap::spend(b.loop, 20);
    }
    const auto told = [](const auto& done) { return done->answered; };
    tap::until(b.loop, [&] { return std::count_if(all.begin(), all.end(), told) > round; });
    b.server.hold_new_connections(false);
    for (const auto& sender : senders) tap::until(b.loop, [&] { return sender->batch().idle(); });
    tap::until(b.loop, [&] { return std::all_of(all.begin(), all.end(), told); });
    for (const auto& done : all) {
      ++(done->ok() ? kept : not_kept);
      const bool there = b.stored(done->send.key);
      if (done->ok() ? !there : there && !done->result.error().maybe) ++wrong;
    }
  }
  tap::is(wrong, 0, "whoever was told that nothing is kept was told the truth");
  std::printf("# %d kept, %d not\n", kept, not_kept);
}

// A client as it should be: repeats by the same key until it has an answer.
struct Client {
  std::string key{};
  int64_t conv = 0;
  std::shared_ptr<Sender::Done> last{};
  int64_t seq = 0;
};

class Load {
 public:
  Load(Bench& bench, int workers) : b_(bench) {
    for (int i = 0; i < workers; ++i) senders_.push_back(std::make_unique<Sender>(b_.loop, hasty(b_.server)));
    for (int peer = 2; peer <= 8; ++peer) convs_.push_back(tap::add_direct(b_.server, peer, 9));
  }
  void some(int count) {
    for (int i = 0; i < count; ++i) {
      Client& client = clients_.emplace_back();
      client.key = tap::key("load " + std::to_string(clients_.size()));
      client.conv = convs_[random_() % convs_.size()];
      repeat(client);
    }
  }
  void spend(int64_t ms) {
    const int64_t end = base::mono_ms() + ms;
    while (base::mono_ms() < end) {
      some(20);
      tap::spend(b_.loop, 5);
      look();
    }
  }
  // Until each has its answer.
  bool end() {
    return tap::until(b_.loop, [this] { return look() == 0; });
  }
  size_t size() const { return clients_.size(); }
  void check(const std::string& what) {
    std::set<std::pair<int64_t, int64_t>> seqs;
    for (const Client& c : clients_) seqs.emplace(c.conv, c.seq);
    tap::is(seqs.size(), clients_.size(), what + ": no seq is given twice");
    const int64_t rows = b_.server.number(
        "SELECT count(*) FROM message m JOIN conversation c ON c.id = m.conv_id WHERE c.high = 9");
    tap::is(rows, static_cast<int64_t>(clients_.size()), "as many are stored as were acknowledged");
    tap::ok(tap::gapless(b_.server), "without gaps");
    tap::ok(told_once(), "each was told by a worker, in order, and as new no more than once");
  }

 private:
  void repeat(Client& client) {
    client.last = senders_[random_() % senders_.size()]->send(client.conv, 9, "load", client.key);
  }
  int look() {
    int open = 0;
    for (Client& client : clients_) {
      if (client.seq != 0) continue;
      ++open;
      if (!client.last->answered) continue;
      if (client.last->ok())
        client.seq = client.last->result->seq;
      else
        repeat(client);
    }
    return open;
  }
  // A worker may learn of its own success by a repeat: then it tells of a duplicate.
  bool told_once() const {
    std::set<std::pair<int64_t, int64_t>> told, fresh;
    bool right = true;
    for (const auto& sender : senders_) {
      std::map<int64_t, int64_t> last;
      for (const auto& [send, sent] : sender->committed) {
        told.emplace(send.conv, sent.seq);
        if (sent.duplicate) continue;
        right &= fresh.emplace(send.conv, sent.seq).second && sent.seq > last[send.conv];
        last[send.conv] = sent.seq;
      }
    }
    return right && told.size() == clients_.size();
  }

  Bench& b_;
  std::mt19937 random_{1};
  std::vector<std::unique_ptr<Sender>> senders_;
  std::vector<int64_t> convs_;
  std::deque<Client> clients_;
};

void crashes(Bench& b) {
  Load load(b, 2);
  for (const How how : {How::immediate, How::kill, How::immediate, How::kill}) {
    load.spend(300);
    b.server.stop(how);
    load.spend(100);
    b.server.start();
  }
  load.spend(200);
  for (int i = 0; i < 4; ++i) {
    b.server.cut_off();
    load.spend(100);
  }
  b.server.freeze();
  load.spend(timeout_ms);
  b.server.thaw();
  load.spend(200);
  tap::ok(load.end(), "two crashes, two kills, four cuts and a freeze under load: each is answered at last");
  load.check("of " + std::to_string(load.size()) + " messages");
}

}  // namespace

int main() {
  tap::Postgres server;
  tap::add_users(server, 9);
  loop::Loop loop;
  Bench bench{server, loop, tap::add_direct(server, 1, 2)};
  stopped(bench);
  frozen(bench);
  back_at_the_last_moment(bench);
  crashes(bench);
  return tap::done();
}
