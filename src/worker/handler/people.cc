// contacts, contact_add, contact_remove, block, unblock, presence: who one knows, and does not want to know,
// and who is there.
#include "worker/handler/families.h"
#include "worker/handler/resolve.h"

namespace handler {
namespace {

constexpr size_t most_names = 100;  // the wire's

void write_presence(wire::Writer& w, const store::Person& person, bool online) {
  w.boolean("online", online);
  if (const auto last_seen = person.last_seen(online))
    w.integer("last_seen", *last_seen);
  else
    w.null("last_seen");
}

// What is answered here and what comes later by events fit together.
loop::Task<std::vector<bool>> online(Context& context, const std::vector<store::Person>& people) {
  std::vector<int64_t> users;
  for (const store::Person& person : people)
    if (person.user != 0) users.push_back(person.user);
  auto answers = co_await context.presence.online(std::move(users));
  std::vector<bool> all;
  size_t next = 0;
  for (const store::Person& person : people) {
    const bool known = person.user != 0;
    all.push_back(known && (answers[next] || context.registry.has_user(person.user)));
    next += known ? 1 : 0;
    context.contact_watch.answered(person.user, all.back());
  }
  co_return all;
}

void tell_of_change(const Call& call, int64_t contact) {
  call.context().contact_watch.changed(call.me().user);
  call.context().contact_watch.changed(contact);
}

base::Result<std::string> other(const Call& call) {
  auto name = call.request().user("name");
  if (name && *name == call.me().name) return base::bad_field("name", "is oneself");
  return name;
}

}  // namespace

loop::Task<void> contacts(Call call) {
  Context& context = call.context();
  co_await context.contact_watch.ready(call.me().user);
  auto people = co_await context.people.contacts(call.me().user);
  if (!people) co_return call.fail(people.error());
  const auto there = co_await online(context, *people);
  call.reply([&](wire::Writer& w) {
    w.array("contacts");
    for (size_t i = 0; i < people->size(); ++i) {
      const store::Person& person = (*people)[i];
      w.object().string("name", person.name).string("display", person.display);
      write_presence(w, person, there[i]);
      w.end_object();
    }
    w.end_array();
  });
}

loop::Task<void> contact_add(Call call) {
  auto name = other(call);
  if (!name) co_return call.fail(name.error());
  auto contact = co_await call.context().people.add_contact(call.me().user, *name);
  if (!contact) co_return call.fail(contact.error());
  tell_of_change(call, *contact);
  call.reply();
}

loop::Task<void> contact_remove(Call call) {
  auto name = other(call);
  if (!name) co_return call.fail(name.error());
  auto contact = co_await call.context().people.remove_contact(call.me().user, *name);
  if (!contact) co_return call.fail(contact.error());
  tell_of_change(call, *contact);
  call.reply();
}

loop::Task<void> block(Call call) {
  auto name = other(call);
  if (!name) co_return call.fail(name.error());
  auto done = co_await call.context().blocks.add(call.me().user, *name);
  if (!done) co_return call.fail(done.error());
  call.reply();
}

loop::Task<void> unblock(Call call) {
  auto name = other(call);
  if (!name) co_return call.fail(name.error());
  auto done = co_await call.context().blocks.remove(call.me().user, *name);
  if (!done) co_return call.fail(done.error());
  call.reply();
}

loop::Task<void> presence(Call call) {
  auto names = call.request().users("names", most_names);
  if (!names) co_return call.fail(names.error());
  Context& context = call.context();
  co_await context.contact_watch.ready(call.me().user);
  auto people = co_await context.people.find(*names);
  if (!people) co_return call.fail(people.error());
  const auto there = co_await online(context, *people);
  call.reply([&](wire::Writer& w) {
    w.array("presence");
    for (size_t i = 0; i < people->size(); ++i) {
      const store::Person& person = (*people)[i];
      w.object().string("name", person.name);
      write_presence(w, person, there[i]);
      w.end_object();
    }
    w.end_array();
  });
}

}  // namespace handler
