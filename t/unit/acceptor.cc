// Four processes share one listening socket as workers do: connections spread evenly and stay so, and a
// holder of the accept mutex that dies or stops keeps nobody out. Conditions are polled for, never timed.
#include "worker/net/acceptor.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <vector>

#include "common/base/clock.h"
#include "tap.h"
#include "worker/net/heartbeat.h"

namespace {

constexpr int workers = 4;

// A worker that greets each connection with its slot's number and waits for its end.
class Worker {
 public:
  Worker(ipc::Shared& shared, int slot, const ipc::Socket& listener, net::Acceptor::Options options)
      : slot_(slot),
        heartbeat_(loop_, shared.slot(slot)),
        acceptor_(loop_, shared, slot, std::span(&listener, 1), options,
                  [this](net::Accepted accepted) { take(std::move(accepted.fd)); }) {}

  [[noreturn]] void run() {
    acceptor_.start();
    loop_.run();
    std::abort();
  }

 private:
  struct Client {
    Client(Worker& w, base::Fd f)
        : worker(w), fd(std::move(f)), watch(w.loop_, fd.get(), loop::readable, ended, this) {}
    static void ended(void* arg) {
      auto* self = static_cast<Client*>(arg);
      Worker& worker = self->worker;
      std::erase_if(worker.clients_, [self](const auto& client) { return client.get() == self; });
      worker.acceptor_.connection_closed();
    }
    Worker& worker;
    base::Fd fd;
    loop::Watch watch;
  };

  void take(base::Fd fd) {
    const auto greeting = static_cast<char>('0' + slot_);
    if (write(fd.get(), &greeting, 1) != 1) std::abort();
    clients_.push_back(std::make_unique<Client>(*this, std::move(fd)));
    clients_.back()->watch.start();
  }

  int slot_;
  loop::Loop loop_;
  net::Heartbeat heartbeat_;
  std::vector<std::unique_ptr<Client>> clients_;
  net::Acceptor acceptor_;
};

// What the master does for its workers, in small: a listener, four children, a clean-up after the dead.
class Node {
 public:
  explicit Node(net::Acceptor::Options options = {true, 10000}) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* name = reinterpret_cast<sockaddr*>(&address);
    listener_.reset(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    if (bind(listener_.get(), name, size) != 0 || listen(listener_.get(), 4096) != 0) std::abort();
    getsockname(listener_.get(), name, &size);
    address_ = address;
    for (int slot = 0; slot < workers; ++slot) start(slot, options);
    wait_for([this] { return ready() == workers; });
  }
  ~Node() {
    for (int slot = 0; slot < workers; ++slot) end(slot);
  }

  void end(int slot) {
    const pid_t pid = std::exchange(pids_[slot], 0);
    if (pid == 0) return;
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    shared.end(slot);
  }

  template <class Condition>
  static bool wait_for(Condition condition) {
    for (int i = 0; i < 3000; ++i) {
      if (condition()) return true;
      usleep(10000);
    }
    return false;
  }
  int ready() const {
    int n = 0;
    for (int i = 0; i < workers; ++i) n += shared.slot(i).state == ipc::State::ready;
    return n;
  }
  int64_t live(int slot) const { return shared.slot(slot).live; }
  int64_t all_live() const {
    int64_t n = 0;
    for (int i = 0; i < workers; ++i) n += live(i);
    return n;
  }
  base::Fd connect_one() const {
    base::Fd fd(socket(AF_INET, SOCK_STREAM, 0));
    if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address_), sizeof address_) != 0) fd.reset();
    return fd;
  }
  pid_t pid(int slot) const { return pids_[slot]; }
  // The slot that holds the mutex, once somebody does.
  int holder() {
    wait_for([this] { return shared.holder() >= 0; });
    return shared.holder();
  }

  ipc::Shared shared{workers};

 private:
  void start(int slot, net::Acceptor::Options options) {
    shared.begin(slot, base::mono_ms());
    pids_[slot] = fork();
    if (pids_[slot] != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const ipc::Socket listener{listener_.get(), false, "", false};
    Worker(shared, slot, listener, options).run();
  }

  base::Fd listener_;
  sockaddr_in address_{};
  pid_t pids_[workers] = {};
};

struct Client {
  base::Fd fd;
  int slot = -1;
};
using Clients = std::vector<Client>;

// True if a worker has greeted this connection (or already had); false: refused, closed, or never.
bool greeted(Client& client) {
  if (client.slot >= 0) return true;
  pollfd p{client.fd.get(), POLLIN, 0};
  char greeting;
  if (!client.fd || poll(&p, 1, 30000) != 1 || read(client.fd.get(), &greeting, 1) != 1) return false;
  client.slot = greeting - '0';
  return true;
}

// True if nobody has greeted it so far.
bool waits(Client& client) {
  pollfd p{client.fd.get(), POLLIN, 0};
  return client.slot < 0 && poll(&p, 1, 0) == 0;
}

void connect_more(const Node& node, Clients& clients, int n) {
  for (int i = 0; i < n; ++i) clients.push_back(Client{node.connect_one(), -1});
}

bool all_greeted(Clients& clients) {
  return std::all_of(clients.begin(), clients.end(), [](Client& client) { return greeted(client); });
}

void is_even(const Node& node, const std::string& name) {
  std::string shares;
  bool even = true;
  for (int i = 0; i < workers; ++i) {
    shares += " " + std::to_string(node.live(i));
    even = even && node.live(i) >= 450 && node.live(i) <= 550;
  }
  tap::ok(even, name + ":" + shares);
}

void spread(Node& node, Clients& clients) {
  connect_more(node, clients, 2000);
  tap::ok(all_greeted(clients), "2000 connections are accepted");
  is_even(node, "they are spread evenly");

  std::erase_if(clients, [](const Client& client) { return client.slot < 2; });  // the most lopsided half
  const auto left = static_cast<int64_t>(clients.size());
  tap::ok(Node::wait_for([&] { return node.all_live() == left; }), "half of them leave");
  connect_more(node, clients, 2000 - static_cast<int>(left));
  tap::ok(all_greeted(clients), "as many come again");
  is_even(node, "and even out what the leavers left");
}

void holder_killed(Node& node, Clients& clients) {
  const int holder = node.holder();
  kill(node.pid(holder), SIGKILL);
  Clients fresh;
  connect_more(node, fresh, 200);
  node.end(holder);
  tap::ok(all_greeted(fresh), "the holder is killed: nobody is refused");
  for (Client& client : fresh) clients.push_back(std::move(client));
}

void holder_stopped(Node& node, Clients& clients) {
  const int holder = node.holder();
  kill(node.pid(holder), SIGSTOP);
  Clients fresh;
  connect_more(node, fresh, 200);
  const auto silent = [&] { return base::mono_ms() - node.shared.slot(holder).heartbeat > 2000; };
  tap::ok(Node::wait_for(silent), "a stopped holder stops beating");
  node.end(holder);
  tap::ok(all_greeted(fresh), "killed for it, accepting goes on");
  for (Client& client : fresh) clients.push_back(std::move(client));
}

void full_workers() {
  Node node({true, 10});
  Clients clients;
  connect_more(node, clients, 60);
  tap::ok(Node::wait_for([&] { return node.all_live() == 40; }), "full workers stay away");
  // Those that are served leave; those that wait take their places, as many as there are.
  std::erase_if(clients, [](Client& client) { return !waits(client); });
  tap::is(clients.size(), 20u, "the others wait");
  tap::ok(all_greeted(clients), "and are accepted when there is room");
}

void without_mutex() {
  Node node({false, 10000});
  Clients clients;
  connect_more(node, clients, 400);
  tap::ok(all_greeted(clients), "without a mutex all accept");
  tap::is(node.shared.holder().load(), -1, "and nobody holds it");
}

// Sleeps where it ought to: a worker without descriptors must not spin on a readable listener.
void out_of_descriptors() {
  Node node;
  for (int i = 0; i < workers; ++i) {
    const rlimit few{12, 4096};
    prlimit(node.pid(i), RLIMIT_NOFILE, &few, nullptr);
  }
  Clients clients;
  connect_more(node, clients, 100);
  const auto burnt = [&] {
    rusage usage{};
    getrusage(RUSAGE_CHILDREN, &usage);
    return usage.ru_utime.tv_sec * 1000 + usage.ru_utime.tv_usec / 1000 + usage.ru_stime.tv_sec * 1000 +
           usage.ru_stime.tv_usec / 1000;
  };
  sleep(1);  // the time in which CPU is counted, not one after which something must have happened
  for (int i = 0; i < workers; ++i) {
    const rlimit enough{4096, 4096};
    prlimit(node.pid(i), RLIMIT_NOFILE, &enough, nullptr);
  }
  tap::ok(all_greeted(clients), "out of descriptors, and back");
  const auto before = burnt();
  for (int i = 0; i < workers; ++i) node.end(i);
  tap::ok(burnt() - before < 500, "without spinning");
}

void allow_descriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 8192);
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main() {
  signal(SIGPIPE, SIG_IGN);
  allow_descriptors();
  {
    Node node;
    Clients clients;
    spread(node, clients);
    holder_killed(node, clients);
    holder_stopped(node, clients);
  }
  full_workers();
  without_mutex();
  out_of_descriptors();
  return tap::done();
}
