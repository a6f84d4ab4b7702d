// See rooms.h.
#include "worker/delivery/rooms.h"

#include <algorithm>

namespace delivery {
namespace {

// A hold that ends with its frame, however that ends.
class Hold {
 public:
  Hold(bus::Bus& bus, bus::ChannelId id) : bus_(bus), id_(id), confirmation_(bus.hold(id)) {}
  ~Hold() { bus_.release(id_); }
  Hold(const Hold&) = delete;
  loop::Task<base::Result<void>> confirmation() { return std::move(confirmation_); }

 private:
  bus::Bus& bus_;
  bus::ChannelId id_;
  loop::Task<base::Result<void>> confirmation_;
};

}  // namespace

Rooms::Rooms(session::Registry& registry, store::Memberships& memberships, bus::Bus& bus)
    : registry_(registry), memberships_(memberships), bus_(bus) {}

int64_t Rooms::epoch(int64_t conv) const {
  const auto room = rooms_.find(conv);
  return room == rooms_.end() ? 0 : room->second.epoch;
}

std::vector<session::Session*> Rooms::sessions(int64_t conv) const {
  std::vector<session::Session*> all;
  const auto room = rooms_.find(conv);
  if (room == rooms_.end()) return all;
  for (const auto& [user, joined_at] : room->second.users) {
    const auto& of_user = registry_.user(user);
    all.insert(all.end(), of_user.begin(), of_user.end());
  }
  return all;
}

loop::Task<base::Result<std::vector<store::Membership>>> Rooms::groups_of(int64_t user) {
  return memberships_.of(user);
}

// Where the room knows of a later epoch than the list does, the user may have left in between.
loop::Task<void> Rooms::enter(std::vector<store::Membership> groups) {
  std::vector<std::unique_ptr<Hold>> holds;
  std::vector<store::Membership> doubtful;
  for (const store::Membership& group : groups) {
    if (epoch(group.conv) > group.epoch) doubtful.push_back(group);
    add(group);
    holds.push_back(std::make_unique<Hold>(bus_, bus::group_channel(group.conv)));
  }
  for (const auto& hold : holds) {
    auto confirmation = hold->confirmation();
    [[maybe_unused]] auto result = co_await std::move(confirmation);
  }
  for (const store::Membership& group : doubtful) co_await recheck(group.conv, group.user);
}

loop::Task<void> Rooms::recheck(int64_t conv, int64_t user) {
  std::vector<int64_t> users;
  users.push_back(user);
  auto found = co_await memberships_.among(conv, std::move(users));
  if (!found) co_return;
  for (const store::Membership& change : found->changes) apply(change);
}

loop::Task<void> Rooms::confirmed(int64_t conv) {
  Hold hold(bus_, bus::group_channel(conv));
  auto confirmation = hold.confirmation();
  [[maybe_unused]] auto result = co_await std::move(confirmation);
}

void Rooms::add(const store::Membership& change) {
  const auto [room, opened] = rooms_.try_emplace(change.conv);
  if (opened) {
    room->second.epoch = change.epoch;
    [[maybe_unused]] auto held = bus_.hold(bus::group_channel(change.conv));  // the room's own
  }
  int64_t& joined_at = room->second.users[change.user];
  joined_at = std::max(joined_at, change.seq);
  by_user_[change.user].insert(change.conv);
}

void Rooms::remove(int64_t conv, int64_t user) {
  const auto room = rooms_.find(conv);
  if (room == rooms_.end() || room->second.users.erase(user) == 0) return;
  if (const auto of_user = by_user_.find(user); of_user != by_user_.end()) {
    of_user->second.erase(conv);
    if (of_user->second.empty()) by_user_.erase(of_user);
  }
  if (!room->second.users.empty()) return;
  rooms_.erase(room);
  bus_.release(bus::group_channel(conv));
  events_.closed(conv);
}

void Rooms::user_left(int64_t user) {
  const auto of_user = by_user_.find(user);
  if (of_user == by_user_.end()) return;
  const std::vector<int64_t> convs(of_user->second.begin(), of_user->second.end());
  for (const int64_t conv : convs) remove(conv, user);
}

std::optional<int64_t> Rooms::joined(int64_t conv, int64_t user) const {
  const auto room = rooms_.find(conv);
  if (room == rooms_.end()) return std::nullopt;
  const auto member = room->second.users.find(user);
  if (member == room->second.users.end()) return std::nullopt;
  return member->second;
}

// The next epoch is taken over; a later one leaves the room where it is, so that a message of that epoch
// makes it read what lies between.
void Rooms::apply(const store::Membership& change) {
  const auto room = rooms_.find(change.conv);
  const int64_t known = room == rooms_.end() ? 0 : room->second.epoch;
  const std::optional<int64_t> joined_at = joined(change.conv, change.user);
  if (change.epoch < known) {
    if (change.joined && !joined_at && registry_.has_user(change.user)) events_.doubtful(change);
    return;
  }
  if (room != rooms_.end() && change.epoch == known + 1) room->second.epoch = change.epoch;
  if (change.user == store::Membership::everybody) return close(change);
  if (change.joined && registry_.has_user(change.user)) {
    // A join that is known has been seen to, whatever epoch it is told with; a later one means a leave that
    // was missed.
    if (joined_at && change.seq <= *joined_at) return;
    add(change);
    events_.joined(change);
  } else if (!change.joined && joined_at) {
    events_.left(change);
    remove(change.conv, change.user);
  }
}

// The group is gone.
void Rooms::close(store::Membership change) {
  const auto room = rooms_.find(change.conv);
  if (room == rooms_.end()) return;
  const auto users = room->second.users;
  for (const auto& [user, joined_at] : users) {
    change.user = user;
    events_.left(change);
    remove(change.conv, user);
  }
}

loop::Task<bool> Rooms::sync(int64_t conv) {
  auto found = co_await memberships_.since(conv, epoch(conv));
  if (!found) co_return false;
  if (!found->complete) {
    std::vector<int64_t> users;
    registry_.each_user([&users](int64_t user) { users.push_back(user); });
    found = co_await memberships_.among(conv, std::move(users));
    if (!found) co_return false;
  }
  const int64_t reached = found->epoch;
  for (const store::Membership& change : found->changes) apply(change);
  if (const auto room = rooms_.find(conv); room != rooms_.end())
    room->second.epoch = std::max(room->second.epoch, reached);
  co_return true;
}

}  // namespace delivery
