// See contact_watch.h.
#include "worker/delivery/contact_watch.h"

#include <algorithm>

#include "common/base/clock.h"
#include "worker/wire/event.h"

namespace delivery {
namespace {

constexpr loop::Millis turn(1000);        // what comes and goes is gathered this long
constexpr loop::Millis store_pause(500);  // the store is away: ask again
constexpr size_t users_at_once = 100;     // a query for their contacts
constexpr size_t channels_at_once = 500;  // a question to Redis: well below a millisecond of it
constexpr size_t part_of_all = 1000;      // asked for each turn, whatever has been told
constexpr size_t ids_in_an_envelope = 1000;

}  // namespace

ContactWatch::ContactWatch(loop::Loop& loop, const conf::Settings& settings, session::Registry& registry,
                           store::People& people, bus::Bus& bus, bus::Presence& presence)
    : loop_(loop),
      settings_(settings),
      registry_(registry),
      people_(people),
      bus_(bus),
      presence_(presence),
      scope_(loop, [](std::exception_ptr) { std::terminate(); }) {}

void ContactWatch::came(int64_t user) {
  if (!here_.insert(user).second) return;
  moved_.insert(user);
  reload(user, false);
}

void ContactWatch::left(int64_t user) {
  if (here_.erase(user) == 0) return;
  moved_.insert(user);
  to_load_.erase(user);
  loading_.erase(user);
  watch(user, {}, false);
}

void ContactWatch::changed(int64_t user) {
  if (registry_.has_user(user)) reload(user, true);
  bus::Envelope envelope;
  envelope.kind = bus::Kind::contacts;
  envelope.origin = bus_.origin();
  envelope.to = user;
  bus_.publish(bus::user_channel(user), bus::encode(envelope, {}));
}

void ContactWatch::arrived(const bus::Envelope& envelope, std::string_view event) {
  if (envelope.kind == bus::Kind::moved)
    suspect(event);
  else if (registry_.has_user(envelope.to))
    reload(envelope.to, true);
}

// ---- of whom a user is told

void ContactWatch::reload(int64_t user, bool tell) {
  to_load_[user] |= tell;
  if (!std::exchange(is_loading_, true)) scope_.spawn(load());
}

// While one query runs, others gather for the next.
loop::Task<void> ContactWatch::load() {
  while (!to_load_.empty()) {
    std::vector<int64_t> users;
    while (!to_load_.empty() && users.size() < users_at_once) {
      auto next = to_load_.extract(to_load_.begin());
      users.push_back(next.key());
      loading_.insert(std::move(next));
    }
    auto pairs = co_await people_.mutual_contacts(std::move(users));
    if (pairs)
      loaded(*pairs);
    else
      co_await loop::sleep(loop_, store_pause);
    if (!pairs) to_load_.merge(loading_);
    loading_.clear();
    loaded_.wake();
  }
  is_loading_ = false;
}

// Who has left meanwhile, and may be here again, is another case.
void ContactWatch::loaded(const std::vector<store::People::Pair>& pairs) {
  std::map<int64_t, std::vector<int64_t>> found;
  for (const auto& [user, contact] : pairs) found[user].push_back(contact);
  for (const auto& [user, tell] : loading_) watch(user, std::move(found[user]), tell);
}

void ContactWatch::watch(int64_t user, std::vector<int64_t> contacts, bool tell) {
  std::sort(contacts.begin(), contacts.end());
  std::vector<int64_t> before;
  if (const auto known = contacts_.find(user); known != contacts_.end()) before = known->second;
  for (const int64_t contact : before)
    if (!std::binary_search(contacts.begin(), contacts.end(), contact)) forget(user, contact);
  for (const int64_t contact : contacts) {
    if (std::binary_search(before.begin(), before.end(), contact)) continue;
    Contact& watched = watched_[contact];
    watched.watchers.push_back(user);
    if (!tell) continue;
    watched.known = Known::doubtful;
    suspected_.insert(contact);
  }
  if (contacts.empty())
    contacts_.erase(user);
  else
    contacts_[user] = std::move(contacts);
}

void ContactWatch::forget(int64_t user, int64_t contact) {
  const auto watched = watched_.find(contact);
  if (watched == watched_.end()) return;
  std::erase(watched->second.watchers, user);
  if (watched->second.watchers.empty()) watched_.erase(watched);
}

loop::Task<void> ContactWatch::ready(int64_t user) {
  const int64_t until = base::mono_ms() + settings_.postgres_timeout;
  while ((to_load_.contains(user) || loading_.contains(user)) && base::mono_ms() < until)
    co_await loaded_.wait(loop_, loop::look_again);
}

void ContactWatch::answered(int64_t contact, bool online) {
  const auto watched = watched_.find(contact);
  if (watched == watched_.end()) return;
  Contact& known = watched->second;
  if (known.known == Known::nothing) {
    known.known = Known::told;
    known.online = online;
  } else if (known.online != online) {
    known.known = Known::doubtful;
    suspected_.insert(contact);
  }
}

// ---- who is there

loop::Task<void> ContactWatch::run() {
  for (;;) {
    co_await loop::sleep(loop_, turn);
    announce();
    if (!watched_.empty() && bus_.up()) co_await ask(to_ask());
  }
}

void ContactWatch::announce() {
  std::vector<int64_t> users(moved_.begin(), moved_.end());
  moved_.clear();
  for (size_t i = 0; i < users.size(); i += ids_in_an_envelope) {
    const size_t count = std::min(ids_in_an_envelope, users.size() - i);
    const std::string ids = bus::encode_ids(std::span(users).subspan(i, count));
    suspect(ids);
    bus::Envelope envelope;
    envelope.kind = bus::Kind::moved;
    envelope.origin = bus_.origin();
    bus_.announce(bus::encode(envelope, ids));
  }
}

void ContactWatch::suspect(std::string_view ids) {
  for (const int64_t user : bus::decode_ids(ids))
    if (watched_.contains(user)) suspected_.insert(user);
}

// Those that are suspected, and the next part of all.
std::vector<int64_t> ContactWatch::to_ask() {
  std::set<int64_t> users;
  users.swap(suspected_);
  auto next = watched_.upper_bound(swept_);
  const size_t part = std::min(part_of_all, watched_.size());
  for (size_t i = 0; i < part; ++i, ++next) {
    if (next == watched_.end()) next = watched_.begin();
    users.insert(swept_ = next->first);
  }
  return std::vector<int64_t>(users.begin(), users.end());
}

loop::Task<void> ContactWatch::ask(std::vector<int64_t> users) {
  for (size_t i = 0; i < users.size(); i += channels_at_once) {
    const auto begin = users.begin() + static_cast<std::ptrdiff_t>(i);
    std::vector<int64_t> some(
        begin, begin + static_cast<std::ptrdiff_t>(std::min(channels_at_once, users.size() - i)));
    const std::vector<bool> online = co_await presence_.online(some);
    if (!bus_.up()) co_return;  // it may have been away: no answer counts
    std::vector<int64_t> news;
    for (size_t j = 0; j < some.size(); ++j)
      if (is_news(some[j], online[j] || registry_.has_user(some[j]))) news.push_back(some[j]);
    if (!news.empty()) co_await tell(std::move(news));
  }
}

// Who is away is told when that has lasted; until then it is asked for again.
bool ContactWatch::is_news(int64_t user, bool online) {
  const auto watched = watched_.find(user);
  if (watched == watched_.end()) return false;
  Contact& contact = watched->second;
  const int64_t now = base::mono_ms();
  if (contact.known == Known::nothing) {
    contact.known = Known::told;
    contact.online = online;
    return false;
  }
  if (online || (contact.known == Known::told && !contact.online)) contact.away_since = 0;
  if (contact.known == Known::told && contact.online == online) return false;
  if (!online) {
    if (contact.away_since == 0) contact.away_since = now;
    if (now - contact.away_since < settings_.presence_delay) {
      suspected_.insert(user);
      return false;
    }
  }
  contact.known = Known::told;
  contact.online = online;
  contact.away_since = 0;
  return true;
}

loop::Task<void> ContactWatch::tell(std::vector<int64_t> users) {
  auto people = co_await people_.by_id(users);
  if (!people) {
    suspected_.insert(users.begin(), users.end());
    for (const int64_t user : users)
      if (const auto untold = watched_.find(user); untold != watched_.end())
        untold->second.known = Known::doubtful;
    co_return;
  }
  for (const store::Person& person : *people) {
    const auto watched = watched_.find(person.user);
    if (watched == watched_.end()) continue;
    const bool online = watched->second.online;
    const std::string event = wire::presence_event(person.name, online, person.last_seen(online));
    for (const int64_t watcher : watched->second.watchers)
      for (session::Session* session : registry_.user(watcher))
        if (session->has_room()) session->write(event);
  }
}

}  // namespace delivery
