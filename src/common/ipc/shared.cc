// See shared.h. The mapping is anonymous: it has no name that could be left behind or guessed.
#include "common/ipc/shared.h"

#include <sys/eventfd.h>
#include <sys/mman.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <new>
#include <system_error>

namespace ipc {
namespace {

[[noreturn]] void fail(int error, const char* what) {
  throw std::system_error(error, std::generic_category(), what);
}

void* map(size_t size) {
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) fail(errno, "mmap");
  return memory;
}

// Robust: a holder that dies leaves it to the next one who asks.
void init_mutex(pthread_mutex_t& mutex) {
  pthread_mutexattr_t attr;
  pthread_mutexattr_init(&attr);
  pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
  const int error = pthread_mutex_init(&mutex, &attr);
  pthread_mutexattr_destroy(&attr);
  if (error != 0) fail(error, "pthread_mutex_init");
}

constexpr size_t head_size = 128;  // a multiple of a Slot's alignment

}  // namespace

void Slot::say_last_words(std::string_view words) {
  const size_t n = std::min(words.size(), last_words.size() - 1);
  std::copy_n(words.begin(), n, last_words.begin());
  last_words[n] = '\0';
}

std::string Slot::heard_last_words() const {
  return std::string(last_words.data(), strnlen(last_words.data(), last_words.size()));
}

// The mutex is not destroyed: whoever unmaps first (a child that drops its master's older generations)
// would destroy it for all. The memory goes as a whole.
void Shared::Unmap::operator()(void* memory) const {
  munmap(memory, size);
}

Shared::Shared(int slots) {
  assert(slots > 0);
  static_assert(sizeof(Head) <= head_size && head_size % alignof(Slot) == 0);
  const auto count = static_cast<size_t>(slots);
  const size_t size = head_size + count * sizeof(Slot);
  memory_ = std::unique_ptr<void, Unmap>(map(size), Unmap{size});
  auto* bytes = static_cast<std::byte*>(memory_.get());
  head_ = new (bytes) Head{};
  head_->holder = -1;
  head_->replaced = false;
  init_mutex(head_->mutex);
  auto* first = reinterpret_cast<Slot*>(bytes + head_size);
  std::uninitialized_value_construct_n(first, count);
  slots_ = std::span(first, count);
  for (size_t i = 0; i < count; ++i) {
    wake_.emplace_back(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (!wake_.back()) fail(errno, "eventfd");
  }
}

void Shared::begin(int index, int64_t now) {
  Slot& s = slot(index);
  s.pid = 0;
  s.heartbeat = now;
  s.live = 0;
  s.last_words[0] = '\0';
  s.state = State::starting;
}

// A dead holder's mutex is free at once, but nobody knows: all are asked to look.
void Shared::end(int index) {
  Slot& s = slot(index);
  s.state = State::empty;
  s.pid = 0;
  s.live = 0;
  wake_all();
}

void Shared::wake(int slot) {
  const uint64_t one = 1;
  // It fails only when the counter is full, and then the worker is awake anyhow.
  [[maybe_unused]] const ssize_t n = write(wake_fd(slot), &one, sizeof one);
}

void Shared::wake_all() {
  for (int i = 0; i < slots(); ++i)
    if (slot(i).state.load(std::memory_order_relaxed) == State::ready) wake(i);
}

}  // namespace ipc
