// See frame.h. One pass over the line.
#include "bench/frame.h"

#include <array>
#include <charconv>
#include <cstring>

namespace bench {
namespace {

struct TextField {
  std::string_view key;
  std::string_view Frame::*place;
};
constexpr std::array<TextField, 9> texts = {{{"event", &Frame::event},
                                             {"op", &Frame::op},
                                             {"error", &Frame::error},
                                             {"detail", &Frame::detail},
                                             {"from", &Frame::from},
                                             {"to", &Frame::to},
                                             {"text", &Frame::text},
                                             {"token", &Frame::token},
                                             {"reason", &Frame::reason}}};

struct NumberField {
  std::string_view key;
  int64_t Frame::*place;
};
constexpr std::array<NumberField, 5> numbers = {{{"id", &Frame::id},
                                                 {"seq", &Frame::seq},
                                                 {"ping_interval", &Frame::ping_interval},
                                                 {"retry_ms", &Frame::retry_ms},
                                                 {"reconnect_ms", &Frame::reconnect_ms}}};

class Scan {
 public:
  explicit Scan(std::string_view line) : at_(line.data()), end_(line.data() + line.size()) {}

  bool take(char c) {
    blanks();
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  bool ended() {
    blanks();
    return at_ == end_;
  }

  // What stands between the quotes.
  bool string(std::string_view& out) {
    if (!take('"')) return false;
    const char* begin = at_;
    while (const char* quote = find('"')) {
      at_ = quote + 1;
      if (!escaped(begin, quote)) {
        out = {begin, static_cast<size_t>(quote - begin)};
        return true;
      }
    }
    return false;
  }

  // A value of any kind; its text if it is a string, else what stands there (nested ones: nothing).
  bool value(bool& is_string, std::string_view& out) {
    blanks();
    if (at_ == end_) return false;
    is_string = *at_ == '"';
    if (is_string) return string(out);
    if (*at_ == '{' || *at_ == '[') return nested();
    const char* begin = at_;
    while (at_ != end_ && std::strchr(",}] \t\r\n", *at_) == nullptr) ++at_;
    out = {begin, static_cast<size_t>(at_ - begin)};
    return !out.empty();
  }

 private:
  void blanks() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\r' || *at_ == '\n')) ++at_;
  }
  const char* find(char c) const {
    return static_cast<const char*>(memchr(at_, c, static_cast<size_t>(end_ - at_)));
  }
  static bool escaped(const char* begin, const char* quote) {
    bool odd = false;
    while (quote-- != begin && *quote == '\\') odd = !odd;
    return odd;
  }
  bool nested() {
    int depth = 0;
    while (at_ != end_) {
      std::string_view skipped;
      if (*at_ == '"') {
        if (!string(skipped)) return false;
        continue;
      }
      if (*at_ == '{' || *at_ == '[') ++depth;
      if (*at_ == '}' || *at_ == ']') --depth;
      ++at_;
      if (depth == 0) return true;
    }
    return false;
  }

  const char* at_;
  const char* end_;
};

void keep(Frame& frame, std::string_view key, bool is_string, std::string_view value) {
  if (is_string) {
    for (const TextField& field : texts)
      if (field.key == key) frame.*field.place = value;
    return;
  }
  if (key == "ok") frame.ok = value == "true" ? Frame::Ok::yes : Frame::Ok::no;
  for (const NumberField& field : numbers)
    if (field.key == key) std::from_chars(value.data(), value.data() + value.size(), frame.*field.place);
}

}  // namespace

bool read_frame(std::string_view line, Frame& frame) {
  Scan scan(line);
  if (!scan.take('{')) return false;
  if (scan.take('}')) return scan.ended();
  do {
    std::string_view key;
    std::string_view value;
    bool is_string = false;
    if (!scan.string(key) || !scan.take(':') || !scan.value(is_string, value)) return false;
    keep(frame, key, is_string, value);
  } while (scan.take(','));
  return scan.take('}') && scan.ended();
}

}  // namespace bench
