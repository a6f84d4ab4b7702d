// The bus on a real Redis that this test starts, stops and kills: two buses on one loop, as two workers
// would have them on two.
#include "worker/bus/bus.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/loop/scope.h"
#include "tap.h"

using bus::Envelope;

namespace {

// A redis-server on a unix socket in a folder of its own, gone with this object and with this process.
class Server {
 public:
  Server() {
    std::string folder = "/tmp/chatd-bus-XXXXXX";
    if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("mkdtemp");
    folder_ = folder;
    start();
  }
  ~Server() {
    kill();
    std::filesystem::remove_all(folder_);
  }
  std::string socket() const { return folder_ + "/redis.sock"; }
  std::string address() const { return "unix:" + socket(); }
  void stop() { ::kill(pid_, SIGSTOP); }
  void cont() { ::kill(pid_, SIGCONT); }

  void start() {
    pid_ = fork();
    if (pid_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int out = open((folder_ + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(out, 1);
    dup2(out, 2);
    execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", socket().c_str(), "--dir",
           folder_.c_str(), "--save", "", "--appendonly", "no", "--requirepass", "secret word", nullptr);
    _exit(127);
  }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  std::string folder_;
  pid_t pid_ = 0;
};

conf::Settings settings(const Server& server, int64_t timeout = 1000) {
  conf::Settings s;
  s.redis.push_back({server.address(), "secret word"});
  s.redis_timeout = timeout;
  s.redis_queue = 1 << 20;
  return s;
}

loop::Loop* the_loop = nullptr;

// Turns the loop until the condition holds; false after a limit that only a broken program reaches.
template <class Condition>
bool until(Condition condition) {
  struct Tick {
    loop::Timer timer{*the_loop, [](void* self) { static_cast<Tick*>(self)->again(); }, this};
    void again() { timer.start(loop::Millis(5)); }
  } tick;
  tick.again();
  const int64_t limit = base::mono_ms() + 60000;
  while (!condition()) {
    if (base::mono_ms() > limit) return false;
    the_loop->turn(true);
  }
  return true;
}

// A worker as far as the bus can tell.
struct Worker {
  explicit Worker(const conf::Settings& s) : bus(*the_loop, s) {
    bus.on_envelope([this](const Envelope& e, std::string_view event) {
      seqs.push_back(e.seq);
      last_event = event;
    });
    bus.on_resync([this](const bus::Gap& g) {
      ++resyncs;
      gap = g;
    });
    bus.on_worker_lost([this](const bus::Lost& l) { lost.push_back(l.origin); });
  }

  loop::Task<void> hold_task(int64_t user) {
    const base::Result<void> held = co_await bus.hold(user);
    held ? ++confirmed : ++unavailable;
  }
  void hold(int64_t user) { scope.spawn(hold_task(user)); }
  std::string message(int64_t seq, std::string_view event) const {
    Envelope e;
    e.origin = bus.origin();
    e.conv = 1;
    e.seq = seq;
    e.from = 1;
    e.to = 2;
    return bus::encode(e, event);
  }
  bool tell(int64_t user, int64_t seq) { return bus.publish(user, message(seq, "{}")); }

  bus::Bus bus;
  std::vector<int64_t> seqs;
  std::string last_event;
  int resyncs = 0;
  bus::Gap gap;
  std::vector<uint64_t> lost;
  int confirmed = 0;
  int unavailable = 0;
  loop::Scope scope{*the_loop, [](std::exception_ptr) { tap::ok(false, "no exception"); }};
};

void publish_and_receive(Worker& a, Worker& b) {
  tap::ok(until([&] { return a.bus.up() && b.bus.up() && a.resyncs && b.resyncs; }), "both buses are up");
  tap::ok(a.gap.deaf_ms && a.gap.mute_ms, "and say since when they were not");
  b.hold(2);
  tap::is(b.confirmed, 0, "a hold waits for Redis");
  tap::ok(until([&] { return b.confirmed == 1; }), "and is confirmed");
  b.hold(2);
  tap::is(b.confirmed, 2, "the second of the same user at once");
  const std::string event("{\"text\":\"\0\r\n$5\"}", 17);
  tap::ok(a.bus.publish(2, a.message(1, event)), "published");
  tap::ok(until([&] { return b.seqs.size() == 1; }), "received");
  tap::ok(b.last_event == event, "byte for byte");
  b.bus.release(2);
  a.tell(2, 2);
  tap::ok(until([&] { return b.seqs.size() == 2; }), "released once of two: still received");
  b.bus.publish(2, b.message(3, "{}"));
  a.tell(2, 4);
  tap::ok(until([&] { return b.seqs.size() == 3; }) && b.seqs.back() == 4, "one's own are dropped");
}

void garbage(Worker& a, Worker& b) {
  const size_t before = b.seqs.size();
  a.bus.publish(2, "garbage");
  a.bus.publish(2, std::string(100, '\xC1'));
  a.bus.announce("");
  a.tell(2, 5);
  tap::ok(until([&] { return b.seqs.size() > before; }), "a message behind garbage is received");
  tap::is(b.seqs.size(), before + 1, "the garbage is not");
  tap::is(b.bus.garbage(), uint64_t{3}, "but counted");
}

void hold_while_leaving(Worker& a, Worker& b) {
  const int confirmed = b.confirmed;
  b.bus.release(2);
  b.hold(2);
  tap::is(b.confirmed, confirmed, "a hold while leaving waits");
  tap::ok(until([&] { return b.confirmed == confirmed + 1; }), "and is subscribed again");
  a.tell(2, 6);
  tap::ok(until([&] { return b.seqs.back() == 6; }), "and receives");
  b.hold(3);
  b.bus.release(3);
  b.hold(3);
  b.bus.release(3);
  tap::ok(until([&] { return b.bus.held() == 1; }), "released while joining: gone in the end");
  b.bus.release(2);
  tap::ok(until([&] { return b.bus.held() == 0; }), "released: none is held");
  b.hold(2);
  tap::ok(until([&] { return b.confirmed == confirmed + 2; }), "held again");
}

void many(Worker& a, Worker& b) {
  const int confirmed = b.confirmed;
  for (int user = 1000; user < 11000; ++user) b.hold(user);
  tap::ok(until([&] { return b.confirmed == confirmed + 10000; }), "10,000 holds are confirmed");
  for (int i = 0; i < 5000; ++i) a.tell(1000 + 2 * i, 100 + i);
  const auto all = [&] { return b.seqs.back() == 5099; };
  tap::ok(until(all), "5,000 messages in one turn arrive");
  bool ordered = true;
  for (size_t i = b.seqs.size() - 5000; i + 1 < b.seqs.size(); ++i) ordered &= b.seqs[i] + 1 == b.seqs[i + 1];
  tap::ok(ordered, "in their order");
}

void cancelled(Worker& b) {
  const int unavailable = b.unavailable;
  {
    loop::Scope scope(*the_loop, [](std::exception_ptr) {});
    scope.spawn(b.hold_task(20000));
    tap::is(scope.size(), size_t{1}, "a hold waits");
  }
  tap::is(b.unavailable, unavailable, "and dies waiting");
  b.bus.release(20000);
  tap::ok(until([&] { return b.bus.held() == 10001; }), "what it held is released by its owner");
}

void killed(Server& server, Worker& a, Worker& b) {
  const int resyncs = b.resyncs;
  server.kill();
  tap::ok(until([&] { return !a.bus.up() && !b.bus.up(); }), "Redis is killed: both buses notice");
  tap::ok(!a.tell(2, 200), "a publish is refused");
  tap::ok(a.bus.refused() > 0, "and counted");
  const int unavailable = b.unavailable;
  b.hold(4);
  tap::is(b.unavailable, unavailable + 1, "a hold answers unavailable at once");
  server.start();
  tap::ok(until([&] { return a.bus.up() && b.resyncs == resyncs + 1; }), "Redis is back: resynced");
  tap::ok(b.gap.deaf_ms && b.gap.mute_ms, "which says for how long it was away");
  const size_t before = b.seqs.size();
  for (const int user : {2, 4, 1000, 10999}) a.tell(user, 300 + user);
  tap::ok(until([&] { return b.seqs.size() == before + 4; }), "all channels are subscribed again");
}

void stopped(Server& server, Worker& a, Worker& b) {
  const int resyncs = b.resyncs;
  const int unavailable = b.unavailable;
  server.stop();
  b.hold(5);
  tap::ok(until([&] { return b.unavailable == unavailable + 1; }), "Redis is stopped: a hold is unavailable");
  tap::ok(until([&] { return !a.bus.up() && !b.bus.up(); }), "both buses notice");
  server.cont();
  tap::ok(until([&] { return a.bus.up() && b.resyncs > resyncs; }), "it goes on: resynced");
  a.tell(5, 400);
  tap::ok(until([&] { return b.seqs.back() == 400; }), "what was asked meanwhile is subscribed");
}

// Redis cuts off those who listen (as it does with a slow one), and only those.
void cut_off(Worker& a, Worker& b) {
  const int resyncs = b.resyncs;
  const std::array<std::string_view, 4> kill{"CLIENT", "KILL", "TYPE", "pubsub"};
  int64_t killed = 0;
  a.bus.publisher().command(kill, [&killed](const redis::Reply& reply) { killed = reply.integer(); });
  tap::ok(until([&] { return b.resyncs > resyncs && a.bus.up(); }), "the subscribers are cut off: resynced");
  tap::is(killed, int64_t{2}, "a command's answer comes by its callback");
  tap::ok(b.gap.deaf_ms && !b.gap.mute_ms, "which was deaf, and not mute");
  a.tell(5, 500);
  tap::ok(until([&] { return b.seqs.back() == 500; }), "and hears again");
}

void full_queue(Server& server, Worker& a) {
  server.stop();
  const std::string big = a.message(1, std::string(60000, 'x'));
  const uint64_t refused = a.bus.refused();
  for (int i = 0; i < 100; ++i) a.bus.publish(2, big);
  tap::ok(a.bus.refused() > refused && a.bus.refused() < refused + 100, "a full queue refuses, and counts");
  server.cont();
  tap::ok(until([&] { return a.bus.up(); }), "and is up again");
}

// Workers that end: one with a word, one without.
void peers(const Server& server, Worker& a, Worker& b) {
  auto polite = std::make_unique<Worker>(settings(server));
  auto rude = std::make_unique<Worker>(settings(server));
  const auto met = [&] { return a.bus.peers() == 3 && b.bus.peers() == 3; };
  tap::ok(until(met), "four workers know each other");
  const uint64_t gone = rude->bus.origin();
  bool said = false;
  const auto leave = [](bus::Bus& bus, bool& done) -> loop::Task<void> {
    co_await bus.goodbye();
    done = true;
  };
  polite->scope.spawn(leave(polite->bus, said));
  tap::ok(until([&] { return said; }), "a goodbye is said");
  tap::ok(until([&] { return a.bus.peers() == 2; }), "and heard");
  polite.reset();
  rude.reset();
  tap::ok(until([&] { return !a.lost.empty() && !b.lost.empty(); }), "a worker that falls silent is lost");
  tap::ok(a.lost == std::vector{gone} && b.lost == std::vector{gone}, "it alone");
}

void wrong_password(const Server& server) {
  conf::Settings s = settings(server);
  s.redis[0].password = "wrong";
  Worker outsider(s);
  const int64_t end = base::mono_ms() + 500;
  until([&] { return base::mono_ms() > end; });
  tap::ok(!outsider.bus.up(), "with a wrong password it stays away");
}

bool throws(const std::string& address) {
  conf::Settings s;
  s.redis.push_back({address, ""});
  s.redis_timeout = 1000;
  try {
    bus::Bus bus(*the_loop, s);
    return false;
  } catch (const std::invalid_argument&) {
    return true;
  }
}

void addresses() {
  for (const char* good : {"127.0.0.1:6379", "[::1]:6379", "unix:/tmp/none"})
    tap::ok(!throws(good), std::string("an address: ") + good);
  for (const char* bad : {"localhost:6379", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:70000", ":1", ""})
    tap::ok(throws(bad), std::string("no address: ") + bad);
  Worker nobody([] {
    conf::Settings s;
    s.redis.push_back({"127.0.0.1:1", ""});
    s.redis_timeout = 200;
    return s;
  }());
  const int64_t end = base::mono_ms() + 700;
  until([&] { return base::mono_ms() > end; });
  tap::ok(!nobody.bus.up(), "nobody listens there: it tries on");
}

}  // namespace

int main() {
  signal(SIGPIPE, SIG_IGN);
  base::log_level(base::Level::error);
  loop::Loop loop;
  the_loop = &loop;
  addresses();
  Server server;
  {
    Worker a(settings(server));
    Worker b(settings(server));
    publish_and_receive(a, b);
    garbage(a, b);
    hold_while_leaving(a, b);
    many(a, b);
    cancelled(b);
    killed(server, a, b);
    stopped(server, a, b);
    cut_off(a, b);
    full_queue(server, a);
    peers(server, a, b);
    wrong_password(server);
  }
  loop.turn(false);
  return tap::done();
}
