// Hasher: argon2id on a few threads of its own, so that the loop never waits for a password.
//
// The worker owns one, made after the fork. Jobs go through one queue under a mutex that is held for a few
// instructions; finished ones come back by an eventfd that the loop watches. An awaiter that dies takes its
// job out of the queue, or disowns it if it is being worked on. Passwords are wiped after use.
#pragma once

#include <condition_variable>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/base/error.h"
#include "common/base/fd.h"
#include "common/loop/loop.h"
#include "common/loop/watch.h"

namespace secret {

class Hasher {
 public:
  struct Options {
    int threads = 1;
    int queue = 100;    // jobs that wait for a thread; beyond: busy
    size_t memory = 0;  // bytes per hash
    int iterations = 0;
  };
  class HashWait;
  class VerifyWait;

  // Hashes once itself, for dummy_hash() and to know what a hash costs. Throws if that or a thread fails.
  Hasher(loop::Loop& loop, const Options& options);
  // Joins the threads: at most one hash's time. Who still awaits is never resumed.
  ~Hasher();
  Hasher(const Hasher&) = delete;

  // co_await gives Result<std::string>: the text that the store keeps, its parameters in it.
  HashWait hash(std::string password);
  // co_await gives Result<bool>: is it the password of that text? `internal` if the text is no hash.
  VerifyWait verify(std::string hash, std::string password);

  // Nobody's: an unknown user is verified against it, to take the same time. Nothing verifies against it.
  const std::string& dummy_hash() const { return dummy_; }

 private:
  class Wait;
  struct Job;
  using Jobs = std::list<Job>;  // a job is one node that travels: awaiter, queue, thread, done, awaiter

  void start_threads();
  void stop_threads();
  void serve();    // a thread's life
  void collect();  // on the loop: hands finished jobs back to those who wait
  base::Error busy() const;

  loop::Loop& loop_;
  const Options options_;
  std::string dummy_;
  int64_t cost_ms_ = 0;  // of one hash, as measured at the start
  base::Fd finished_;    // eventfd: there is something in done_
  loop::Watch watch_;

  std::mutex mutex_;  // guards what follows, and Job::queued
  std::condition_variable wake_;
  Jobs queued_, running_, done_;
  bool stop_ = false;

  std::vector<std::thread> threads_;
};

// What both awaiters share; made by hash() and verify() alone, awaited once.
class Hasher::Wait : private loop::Waiter {
 public:
  ~Wait();
  Wait(const Wait&) = delete;
  bool await_ready();  // queues the job; true, and no wait, if the queue is full
  void await_suspend(std::coroutine_handle<> h) noexcept { handle = h; }

 protected:
  Wait(Hasher& hasher, Jobs job);
  bool refused() const { return refused_; }
  base::Error busy() const { return hasher_->busy(); }
  Job& job();

 private:
  friend class Hasher;
  Hasher* hasher_;
  Jobs job_;              // empty while the job is under way,
  Jobs::iterator place_;  // which stands here then
  bool refused_ = false;
};

class Hasher::HashWait : public Wait {
 public:
  using Wait::Wait;
  base::Result<std::string> await_resume();
};

class Hasher::VerifyWait : public Wait {
 public:
  using Wait::Wait;
  base::Result<bool> await_resume();
};

}  // namespace secret
