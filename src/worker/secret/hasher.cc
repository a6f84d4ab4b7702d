// See hasher.h. Threads know Job alone, and of it not the owner; owners and awaiters belong to the loop.
#include "worker/secret/hasher.h"

#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "common/base/clock.h"
#include "worker/secret/secret.h"

namespace secret {
namespace {

constexpr int64_t retry_min_ms = 100, retry_max_ms = 10000;
constexpr int niceness = 5;  // of the threads: a storm of logins must not slow the loop down

base::Fd make_eventfd() {
  base::Fd fd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!fd) throw std::runtime_error(std::string("eventfd: ") + strerror(errno));
  return fd;
}

}  // namespace

struct Hasher::Job {
  enum class Kind { hash, verify };
  Job(Kind k, std::string text, std::string& from) : kind(k), hash(std::move(text)), password(from) {
    wipe(from);
  }
  ~Job() { wipe(password); }
  Job(const Job&) = delete;
  void run(const Options& options);

  Wait* owner = nullptr;  // null: nobody waits any more; the loop's alone
  bool queued = false;
  const Kind kind;
  std::string hash;  // verify: given; hash: the result
  std::string password;
  bool matches = false;
  const char* failure = nullptr;
};

void Hasher::Job::run(const Options& options) {
  errno = 0;
  if (kind == Kind::verify) {
    matches = crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
    // libsodium says EINVAL for "another password", and for a prefix that it doesn't know.
    const bool known = hash.starts_with(crypto_pwhash_STRPREFIX);
    if (!matches && !(known && errno == EINVAL))
      failure = known ? "no memory for a hash" : "not a password hash";
  } else {
    char text[crypto_pwhash_STRBYTES] = {};
    const auto iterations = static_cast<unsigned long long>(options.iterations);
    if (crypto_pwhash_str(text, password.data(), password.size(), iterations, options.memory) != 0)
      failure = "no memory for a hash";
    hash = text;
  }
  wipe(password);
}

Hasher::Hasher(loop::Loop& loop, const Options& options)
    : loop_(loop),
      options_(options),
      finished_(make_eventfd()),
      watch_(
          loop, finished_.get(), loop::readable, [](void* self) { static_cast<Hasher*>(self)->collect(); },
          this) {
  std::string password = random_bytes(16);
  Job job(Job::Kind::hash, {}, password);
  const int64_t begun = base::mono_ms();
  job.run(options_);
  if (job.failure != nullptr) throw std::runtime_error(job.failure);
  dummy_ = job.hash;
  cost_ms_ = base::mono_ms() - begun;
  watch_.start();
  start_threads();
}

Hasher::~Hasher() {
  stop_threads();
  for (Jobs* jobs : {&queued_, &done_})
    for (Job& job : *jobs)
      if (job.owner != nullptr) job.owner->hasher_ = nullptr;
}

// Signals are the loop's business: the threads inherit a mask that blocks them all.
void Hasher::start_threads() {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    for (int i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { serve(); });
  } catch (...) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    stop_threads();
    throw;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Hasher::stop_threads() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Hasher::serve() {
  const uint64_t one = 1;
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), niceness);
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stop_ || !queued_.empty(); });
    if (stop_) return;
    const auto job = queued_.begin();
    job->queued = false;
    running_.splice(running_.end(), queued_, job);
    lock.unlock();
    job->run(options_);
    lock.lock();
    done_.splice(done_.end(), running_, job);
    // Never blocks: the loop reads the counter to 0.
    [[maybe_unused]] const ssize_t written = ::write(finished_.get(), &one, sizeof one);
  }
}

void Hasher::collect() {
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(finished_.get(), &count, sizeof count);
  Jobs done;
  {
    const std::lock_guard lock(mutex_);
    done.splice(done.end(), done_);
  }
  while (!done.empty()) {
    Wait* const owner = done.front().owner;
    if (owner == nullptr) {
      done.pop_front();
    } else {
      owner->job_.splice(owner->job_.end(), done, done.begin());
      loop_.ready(*owner);
    }
  }
}

base::Error Hasher::busy() const {
  const int64_t all_ms = cost_ms_ * options_.queue / std::max(options_.threads, 1);
  base::Error error = base::refusal(base::Code::busy, "too many passwords wait to be hashed");
  error.retry_ms = static_cast<int>(std::clamp(all_ms, retry_min_ms, retry_max_ms));
  return error;
}

Hasher::HashWait Hasher::hash(std::string password) {
  Jobs job;
  job.emplace_back(Job::Kind::hash, std::string(), password);
  return HashWait(*this, std::move(job));
}

Hasher::VerifyWait Hasher::verify(std::string hash, std::string password) {
  Jobs job;
  job.emplace_back(Job::Kind::verify, std::move(hash), password);
  return VerifyWait(*this, std::move(job));
}

Hasher::Wait::Wait(Hasher& hasher, Jobs job) : hasher_(&hasher), job_(std::move(job)) {
  job_.front().owner = this;
}

Hasher::Wait::~Wait() {
  if (!job_.empty() || hasher_ == nullptr) return;
  place_->owner = nullptr;
  Jobs dead;  // freed when the mutex is no longer held
  const std::lock_guard lock(hasher_->mutex_);
  if (place_->queued) dead.splice(dead.end(), hasher_->queued_, place_);
}

Hasher::Job& Hasher::Wait::job() {
  return job_.front();
}

bool Hasher::Wait::await_ready() {
  const std::lock_guard lock(hasher_->mutex_);
  refused_ = hasher_->queued_.size() >= static_cast<size_t>(hasher_->options_.queue);
  if (refused_) return true;
  place_ = job_.begin();
  place_->queued = true;
  hasher_->queued_.splice(hasher_->queued_.end(), job_);
  hasher_->wake_.notify_one();
  return false;
}

base::Result<std::string> Hasher::HashWait::await_resume() {
  if (refused()) return busy();
  if (job().failure != nullptr) return base::internal(job().failure);
  return std::move(job().hash);
}

base::Result<bool> Hasher::VerifyWait::await_resume() {
  if (refused()) return busy();
  if (job().failure != nullptr) return base::internal(job().failure);
  return job().matches;
}

}  // namespace secret
