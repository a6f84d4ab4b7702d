// See frame.h.
#include "worker/wire/frame.h"

namespace wire {
namespace {

std::string_view without_cr(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

}  // namespace

LineSplitter::Found LineSplitter::next(std::string_view buffer) {
  Found found;
  for (;;) {
    const std::string_view rest = buffer.substr(found.consumed);
    const size_t end = rest.find('\n', searched_);
    const bool ended = end != std::string_view::npos;
    // A CR at the end of an unended line may be the first half of its end.
    const std::string_view line = without_cr(rest.substr(0, end));
    if (line.size() > max_) {
      found.status = Status::too_large;
      return found;
    }
    searched_ = ended ? 0 : rest.size();
    if (!ended) return found;
    found.consumed += end + 1;
    if (line.empty()) continue;
    found.status = Status::line;
    found.line = line;
    return found;
  }
}

}  // namespace wire
