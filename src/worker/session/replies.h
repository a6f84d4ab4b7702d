// Replies: puts the replies of one connection into the order of its requests.
//
// Each request opens a place before anything is done for it; replies that are ready early wait for those
// before them. Owned by a session. The number of open places is what max_pipeline bounds.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

namespace session {

class Replies {
 public:
  using Write = std::function<void(const std::string& frame)>;
  explicit Replies(Write write) : write_(std::move(write)) {}

  using Place = uint64_t;
  Place open() {
    places_.emplace_back();
    return first_ + places_.size() - 1;
  }
  // An empty frame is no reply at all: the place closes in silence.
  void fill(Place place, std::string frame) {
    places_[place - first_] = std::move(frame);
    while (!places_.empty() && places_.front()) {
      if (!places_.front()->empty()) write_(*places_.front());
      places_.pop_front();
      ++first_;
    }
  }
  size_t pending() const { return places_.size(); }

 private:
  Write write_;
  Place first_ = 0;
  std::deque<std::optional<std::string>> places_;
};

}  // namespace session
