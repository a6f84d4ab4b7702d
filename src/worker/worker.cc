// What a worker builds, in start order, and how it leaves. See worker.h.
#include "worker/worker.h"

#include <sys/signalfd.h>

#include <csignal>
#include <system_error>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/ipc/exit_status.h"
#include "common/loop/wait.h"
#include "worker/net/heartbeat.h"
#include "worker/pg/places.h"
#include "worker/secret/secret.h"
#include "worker/serve/service.h"

namespace worker {
namespace {

constexpr int64_t hurried_ms = 1500;         // TERM: for the last words to leave
constexpr loop::Millis leave_check(20);      // how often a leaving worker looks whether all is done
constexpr loop::Millis sweep_every(600000);  // what is old in the store goes

secret::Hasher::Options hasher_options(const conf::Settings& settings) {
  secret::Hasher::Options options;
  options.threads = static_cast<int>(settings.hash_threads);
  options.queue = static_cast<int>(settings.hash_queue);
  options.memory = static_cast<size_t>(settings.hash_memory);
  options.iterations = static_cast<int>(settings.hash_iterations);
  return options;
}

net::Acceptor::Options acceptor_options(const conf::Settings& settings) {
  net::Acceptor::Options options;
  options.mutex = settings.accept_mutex;
  options.worker_connections = settings.worker_connections;
  return options;
}

base::Fd signal_fd() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGTERM, SIGQUIT, SIGUSR1}) sigaddset(&set, signal);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  base::Fd fd(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!fd) throw std::system_error(errno, std::generic_category(), "signalfd");
  return fd;
}

class Worker {
 public:
  Worker(const conf::Settings& settings, const files::Folder& files, ipc::Shared& shared,
         std::span<const ipc::Socket> listeners, int slot, int channel_fd)
      : settings_(settings),
        shared_(shared),
        slot_(shared.slot(slot)),
        signals_(signal_fd()),
        signal_watch_(
            loop_, signals_.get(), loop::readable, [](void* w) { static_cast<Worker*>(w)->on_signal(); },
            this),
        master_watch_(
            loop_, channel_fd, loop::readable, [](void* w) { static_cast<Worker*>(w)->on_orphaned(); }, this),
        heartbeat_(loop_, slot_),
        registry_(loop_),
        database_(loop_, settings, [this](std::string why) { on_fatal(why); }),
        board_(database_),
        users_(loop_, database_, settings),
        conversations_(database_, settings),
        messages_(database_),
        groups_(database_, settings),
        group_changes_(database_, settings, [this] { resync_.in_doubt(); }),
        memberships_(database_),
        people_(loop_, database_, settings),
        blocks_(database_, settings, conversations_),
        acks_(loop_, database_, settings, [this](const store::Read& read) { on_read(read); }),
        bus_(loop_, settings),
        presence_(loop_, bus_, loop::Millis(settings.redis_timeout)),
        rooms_(registry_, memberships_, bus_),
        notices_(settings, registry_, bus_, rooms_),
        contact_watch_(loop_, settings, registry_, people_, bus_, presence_),
        devices_(settings, registry_, bus_),
        outbox_(loop_, settings, conversations_, messages_, slot_),
        router_(loop_, settings, registry_, conversations_, messages_, bus_, rooms_, outbox_, slot_),
        batch_(loop_, database_, settings,
               [this](const store::Send& send, const store::Sent& sent) { router_.committed(send, sent); }),
        resync_(loop_, settings, registry_, board_, conversations_, memberships_, bus_, rooms_, router_),
        hasher_(loop_, hasher_options(settings)),
        logins_(settings.login_concurrency),
        context_{loop_,     settings,       registry_,      users_,    conversations_,
                 messages_, groups_,        group_changes_, people_,   blocks_,
                 acks_,     batch_,         bus_,           presence_, rooms_,
                 notices_,  contact_watch_, devices_,       outbox_,   router_,
                 resync_,   hasher_,        logins_,        slot_,     shared.rates()},
        service_(context_, files, [this] { acceptor_.connection_closed(); }),
        acceptor_(loop_, shared, slot, listeners, acceptor_options(settings),
                  [this](net::Accepted accepted) { service_.begin(std::move(accepted)); }),
        scope_(loop_, [](std::exception_ptr) { std::terminate(); }) {}

  int run() {
    listen();
    signal_watch_.start();
    master_watch_.start();
    scope_.spawn(acks_.run());
    scope_.spawn(people_.run());
    scope_.spawn(users_.run());
    scope_.spawn(resync_.run());
    scope_.spawn(contact_watch_.run());
    scope_.spawn(sweep_store());
    acceptor_.start();
    loop_.run();
    // Who is still here goes first: a session's coroutines use all that dies after this.
    registry_.each([this](session::Session& session) { registry_.remove(session); });
    loop_.turn(false);
    return status_;
  }

 private:
  void on_signal() {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
      if (info.ssi_signo == SIGUSR1)
        base::log_reopen();
      else if (info.ssi_signo == SIGTERM)
        begin_to_leave(wire::Reason::shutdown, hurried_ms);
      else
        begin_to_leave(shared_.replaced() ? wire::Reason::reload : wire::Reason::shutdown,
                       settings_.shutdown_timeout);
    }
  }

  void on_orphaned() {
    base::log(base::Level::crit, "the master is gone: leaving");
    master_watch_.stop();
    loop_.stop();
  }

  void on_fatal(const std::string& why) {
    slot_.say_last_words(why);
    status_ = ipc::exit_fatal;
    loop_.stop();
  }

  void begin_to_leave(wire::Reason reason, int64_t within_ms) {
    const int64_t deadline = base::mono_ms() + within_ms;
    leave_by_ = leaving_ ? std::min(leave_by_, deadline) : deadline;
    if (leaving_) return;
    leaving_ = true;
    context_.draining = true;
    acceptor_.stop();
    service_.drain(reason);
    scope_.spawn(leave(reason));
  }

  void listen() {
    bus_.on_envelope([this](const bus::Envelope& e, std::string_view bytes) { on_envelope(e, bytes); });
    bus_.on_resync([this](const bus::Gap& gap) {
      devices_.forget_all();
      resync_.on_gap(gap);
    });
    bus_.on_worker_lost([this](const bus::Lost& lost) {
      devices_.forget(lost.origin);
      resync_.on_worker_lost(lost);
    });
  }

  void on_envelope(const bus::Envelope& envelope, std::string_view bytes) {
    using enum bus::Kind;
    if (envelope.kind == missed) return resync_.missed(envelope);
    if (envelope.kind == event) return notices_.arrived(envelope, bytes);
    if (envelope.kind == moved || envelope.kind == contacts) return contact_watch_.arrived(envelope, bytes);
    if (envelope.kind == session_came || envelope.kind == session_left) return devices_.arrived(envelope);
    router_.arrived(envelope, bytes);
  }

  void on_read(const store::Read& read) {
    delivery::Actor actor;
    actor.user = read.user;
    actor.name = read.name;
    actor.session = read.session;
    delivery::Place place;
    place.conv = read.to;
    place.peer = read.peer;
    place.group = read.conv;
    place.members = read.members;
    notices_.read(actor, place, read.seq);
  }

  // What was begun is ended: requests are answered, batches committed, acks written, others told.
  loop::Task<void> leave(wire::Reason reason) {
    while ((registry_.size() > 0 || !batch_.idle()) && base::mono_ms() < leave_by_)
      co_await loop::sleep(loop_, leave_check);
    // Who is still here is told before anything that waits for a store.
    if (registry_.size() > 0) {
      base::log(base::Level::notice, "leaving with %zu connections still open", registry_.size());
      service_.dismiss(reason);
      co_await loop::sleep(loop_, leave_check);
    }
    [[maybe_unused]] auto flushed = co_await acks_.flush();
    co_await people_.flush();
    co_await users_.flush();
    // Without a goodbye the others ask the store what this worker may not have told them.
    if (batch_.idle() && resync_.mute_since() == 0) co_await bus_.goodbye();
    loop_.stop();
  }

  loop::Task<void> sweep_store() {
    for (;;) {
      co_await loop::sleep(loop_, sweep_every);
      [[maybe_unused]] auto swept = co_await users_.sweep();
      swept = co_await board_.sweep();
    }
  }

  const conf::Settings& settings_;
  ipc::Shared& shared_;
  ipc::Slot& slot_;
  int status_ = ipc::exit_ok;
  bool leaving_ = false;
  int64_t leave_by_ = 0;

  loop::Loop loop_;
  base::Fd signals_;
  loop::Watch signal_watch_;
  loop::Watch master_watch_;
  net::Heartbeat heartbeat_;
  session::Registry registry_;
  store::Database database_;
  store::Board board_;
  store::Users users_;
  store::Conversations conversations_;
  store::Messages messages_;
  store::Groups groups_;
  store::GroupChanges group_changes_;
  store::Memberships memberships_;
  store::People people_;
  store::Blocks blocks_;
  store::Acks acks_;
  bus::Bus bus_;
  bus::Presence presence_;
  delivery::Rooms rooms_;
  delivery::Notices notices_;
  delivery::ContactWatch contact_watch_;
  delivery::Devices devices_;
  delivery::Outbox outbox_;
  delivery::Router router_;
  store::Batch batch_;
  delivery::Resync resync_;
  secret::Hasher hasher_;
  loop::Slots logins_;
  handler::Context context_;
  serve::Service service_;
  net::Acceptor acceptor_;
  loop::Scope scope_;
};

}  // namespace

int run(const conf::Settings& settings, const files::Folder& files, ipc::Shared& shared,
        std::span<const ipc::Socket> listeners, int slot, int channel_fd) {
  try {
    std::signal(SIGPIPE, SIG_IGN);
    secret::init();
    auto worker = std::make_unique<Worker>(settings, files, shared, listeners, slot, channel_fd);
    return worker->run();
  } catch (const std::exception& e) {
    base::log(base::Level::alert, "can't start: %s", e.what());
    return ipc::exit_failed;
  }
}

std::string conninfo_problem(const std::string& conninfo) {
  return pg::conninfo_problem(conninfo);
}

}  // namespace worker
