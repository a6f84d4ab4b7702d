// hasher.h: hashes verify, a full queue says busy, and awaiters may die at any time.
#include "worker/secret/hasher.h"

#include <memory>
#include <optional>

#include "common/loop/scope.h"
#include "common/loop/wait.h"
#include "tap.h"
#include "worker/secret/secret.h"

namespace {

using loop::Task;

secret::Hasher::Options cheap(int threads, int queue) {
  secret::Hasher::Options options;
  options.threads = threads;
  options.queue = queue;
  options.memory = 512 * 1024;
  options.iterations = 1;
  return options;
}

void turn_until(loop::Loop& loop, const bool& done) {
  while (!done) loop.turn(true);
}

void fail(std::exception_ptr) {
  tap::ok(false, "no exception reaches a root");
}

Task<void> verify(secret::Hasher& hasher, std::string hash, std::string password, std::optional<bool>& out) {
  auto answer = co_await hasher.verify(std::move(hash), std::move(password));
  out = answer ? std::optional(*answer) : std::nullopt;
}

Task<void> round_trip(secret::Hasher& hasher, bool& done) {
  auto hash = co_await hasher.hash("correct horse");
  tap::ok(hash && hash->starts_with("$argon2id$"), "hash() gives a text with its parameters");
  std::optional<bool> right, wrong, dummy, junk = true, empty = true;
  co_await verify(hasher, *hash, "correct horse", right);
  co_await verify(hasher, *hash, "correct hors", wrong);
  co_await verify(hasher, hasher.dummy_hash(), "", dummy);
  co_await verify(hasher, "$argon2id$nonsense", "correct horse", junk);
  co_await verify(hasher, "", "correct horse", empty);
  tap::ok(right == true, "the right password verifies");
  tap::ok(wrong == false, "another one does not");
  tap::ok(dummy == false, "nothing verifies against the dummy");
  tap::ok(!junk && !empty, "what is no hash is an error, not a mismatch");
  done = true;
}

void verifies() {
  loop::Loop loop;
  secret::Hasher hasher(loop, cheap(2, 10));
  loop::Scope scope(loop, fail);
  bool done = false;
  scope.spawn(round_trip(hasher, done));
  turn_until(loop, done);
}

struct Tally {
  int good = 0, busy = 0, retry_ms = 0;
  int all() const { return good + busy; }
};

Task<void> count(secret::Hasher& hasher, Tally& tally) {
  auto hash = co_await hasher.hash("a password");
  if (hash) {
    ++tally.good;
  } else if (hash.error().code == base::Code::busy) {
    ++tally.busy;
    tally.retry_ms = hash.error().retry_ms;
  }
}

void refuses() {
  loop::Loop loop;
  secret::Hasher hasher(loop, cheap(1, 3));
  loop::Scope scope(loop, fail);
  Tally tally;
  for (int i = 0; i < 40; ++i) scope.spawn(count(hasher, tally));
  while (tally.all() < 40) loop.turn(true);
  tap::ok(tally.busy > 0 && tally.good >= 3, "beyond the queue's bound: busy");
  tap::ok(tally.retry_ms >= 100 && tally.retry_ms <= 10000, "busy says when to try again");
  Tally after;
  scope.spawn(count(hasher, after));
  while (after.all() < 1) loop.turn(true);
  tap::is(after.good, 1, "a drained queue takes jobs again");
}

// Cancels in every state: queued, being hashed, done but not yet collected.
void cancels() {
  loop::Loop loop;
  secret::Hasher hasher(loop, cheap(2, 1000));
  Tally dropped, kept;
  loop::Scope survivors(loop, fail);
  for (int round = 0; round < 50; ++round) {
    auto scope = std::make_unique<loop::Scope>(loop, fail);
    for (int i = 0; i < 5; ++i) scope->spawn(count(hasher, dropped));
    if (round % 2 == 0) loop.turn(false);
    if (round % 10 == 0) survivors.spawn(count(hasher, kept));
    loop.bury(std::move(scope));
    loop.turn(false);
  }
  while (kept.all() < 5) loop.turn(true);
  tap::is(kept.good, 5, "those that stay are answered though others died");
}

void dies_first() {
  loop::Loop loop;
  loop::Scope scope(loop, fail);
  Tally tally;
  {
    secret::Hasher hasher(loop, cheap(1, 100));
    for (int i = 0; i < 20; ++i) scope.spawn(count(hasher, tally));
  }
  loop.turn(false);
  tap::is(tally.all(), 0, "a hasher that dies resumes nobody");
}

}  // namespace

int main() {
  secret::init();
  verifies();
  refuses();
  cancels();
  dies_first();
  return tap::done();
}
