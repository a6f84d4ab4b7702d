// See keeper.h.
#include "worker/pg/keeper.h"

#include <algorithm>
#include <utility>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "worker/pg/places.h"

namespace pg {
namespace {

constexpr loop::Millis first_pause(100), last_pause(1000);  // back within a second of the server's return

}  // namespace

Keeper::Keeper(loop::Loop& loop, const KeeperOptions& options, Events events)
    : loop_(loop),
      options_(options),
      places_(places(options.conninfo)),
      events_(std::move(events)),
      timer_(
          loop, [](void* self) { static_cast<Keeper*>(self)->timeout(); }, this),
      pause_(first_pause) {
  timer_.start(loop::Millis(0));  // the first connect comes from the loop too: one path for all
}

void Keeper::timeout() {
  if (connection_)
    connection_->abandon("no answer in time");
  else
    connect();
}

void Keeper::connect() {
  Connection::Events events;
  events.up = [this] { greet(); };
  events.down = [this](const std::string& why) { down(why); };
  events.finished = [this](std::shared_ptr<Job> job) { finished(std::move(job)); };
  connection_ = std::make_unique<Connection>(loop_, places_[place_], std::move(events));
  timer_.start(loop::Millis(options_.timeout_ms));
  connection_->start();
}

void Keeper::greet() {
  auto job = std::make_shared<Job>();
  job->queries.push_back(Query{options_.greeting, Params()});
  job->deadline_ms = base::mono_ms() + options_.timeout_ms;
  greeting_ = job.get();
  connection_->send(std::move(job));
}

void Keeper::finished(std::shared_ptr<Job> job) {
  if (job.get() != greeting_) {
    events_.finished(std::move(job));
    if (greeted_) events_.ready();
    return;
  }
  greeting_ = nullptr;
  if (job->outcome.fate == Fate::unknown) return;  // down() follows
  if (!options_.accept(job->outcome)) return connection_->abandon("not accepted: " + job->outcome.detail);
  timer_.stop();
  greeted_ = true;
  pause_ = first_pause;
  failures_ = 0;
  if (outage_.end()) base::log(base::Level::notice, "postgres (%s): back", options_.purpose.c_str());
  events_.ready();
}

// The connection is on the stack: it is freed at the loop's top. Where it was is tried first; there is a
// pause before that, and whenever all places have been tried.
void Keeper::down(const std::string& why) {
  if (outage_.worth_telling(why, base::mono_ms()))
    base::log(base::Level::error, "postgres (%s): %s", options_.purpose.c_str(), base::escaped(why).c_str());
  if (!std::exchange(greeted_, false)) {
    ++failures_;
    place_ = (place_ + 1) % places_.size();
  }
  greeting_ = nullptr;
  loop_.bury(std::move(connection_));
  if (failures_ % places_.size() != 0) return timer_.start(loop::Millis(0));
  timer_.start(pause_);
  pause_ = std::min(pause_ * 2, last_pause);
}

void Keeper::check_deadline(int64_t now_ms) {
  if (connection_ && connection_->deadline_ms() <= now_ms) connection_->abandon("no answer in time");
}

}  // namespace pg
