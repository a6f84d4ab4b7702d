// See scan.h. Recursive descent, a method per production of the RFC; each returns false once fail() has
// been told why. Recursion ends at max_depth.
#include "worker/wire/scan.h"

#include "common/base/text.h"
#include "worker/wire/number.h"
#include "worker/wire/plain.h"

namespace wire {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  c = static_cast<char>(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  Scan run() {
    if (text_.substr(0, 3) == "\xEF\xBB\xBF") {
      fail("byte order mark");
    } else if (value(0)) {
      space();
      if (at_ < text_.size()) fail("junk after the value");
    }
    return result_;
  }

 private:
  bool fail(const char* why) {
    result_.error = why;
    result_.offset = at_;
    return false;
  }

  // The byte here; NUL at the end, which no production takes.
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (peek() != c || at_ >= text_.size()) return false;
    ++at_;
    return true;
  }
  void space() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
  }

  bool value(int depth) {
    space();
    const char c = peek();
    if (c == '"') return string();
    if (c == '{' || c == '[') {
      if (depth == max_depth) return fail("nested too deep");
      ++at_;
      return c == '{' ? object(depth + 1) : array(depth + 1);
    }
    if (c == '-' || is_digit(c)) return number();
    if (c == 't') return word("true");
    if (c == 'f') return word("false");
    if (c == 'n') return word("null");
    return fail(at_ < text_.size() ? "no value" : "the text ends early");
  }

  bool object(int depth) {
    space();
    if (take('}')) return true;
    do {
      space();
      if (peek() != '"') return fail("no key");
      if (!string()) return false;
      space();
      if (!take(':')) return fail("no colon after the key");
      if (!value(depth)) return false;
      space();
    } while (take(','));
    return take('}') || fail("neither comma nor } in an object");
  }

  bool array(int depth) {
    space();
    if (take(']')) return true;
    do {
      if (!value(depth)) return false;
      space();
    } while (take(','));
    return take(']') || fail("neither comma nor ] in an array");
  }

  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return fail("unknown word");
    at_ += expected.size();
    return true;
  }

  bool digits() {
    if (!is_digit(peek())) return fail("no digit in a number");
    while (is_digit(peek())) ++at_;
    return true;
  }

  bool number() {
    const size_t begin = at_;
    take('-');
    const bool zero = peek() == '0';
    const size_t first = at_;
    if (!digits()) return false;
    if (zero && at_ > first + 1) return fail("leading zero");
    bool odd = false;
    if (take('.')) {
      odd = true;
      if (!digits()) return false;
    }
    if (take('e') || take('E')) {
      odd = true;
      if (!take('+')) take('-');
      if (!digits()) return false;
    }
    if (odd || at_ - begin > longest_plain_number) result_.odd_numbers = true;
    return true;
  }

  bool string() {
    ++at_;
    for (;;) {
      at_ = plain_end(text_, at_);
      if (take('"')) return true;
      if (at_ >= text_.size()) return fail("a string without end");
      if (!take('\\')) return fail("raw control character");
      if (!escape()) return false;
    }
  }

  bool escape() {
    const char c = peek();
    if (c == 'u') return unicode();
    if (c == '\0' || std::string_view("\"\\/bfnrt").find(c) == std::string_view::npos)
      return fail("unknown escape");
    ++at_;
    return true;
  }

  // The unit behind "\u", of which the u is still here; -1 if there are no four hex digits.
  int unit() {
    int n = 0;
    for (size_t i = 1; i <= 4; ++i) {
      const int digit = at_ + i < text_.size() ? hex_value(text_[at_ + i]) : -1;
      if (digit < 0) return -1;
      n = n * 16 + digit;
    }
    return n;
  }

  bool unicode() {
    const int n = unit();
    if (n < 0) return fail("bad \\u escape");
    if (n == 0) return fail("\\u0000");
    if (n >= 0xDC00 && n <= 0xDFFF) return fail("lone surrogate");
    if (n >= 0xD800 && n <= 0xDBFF) {
      if (text_.substr(at_ + 5, 2) != "\\u") return fail("lone surrogate");
      at_ += 6;
      const int low = unit();
      if (low < 0xDC00 || low > 0xDFFF) return fail("lone surrogate");
    }
    at_ += 5;
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  Scan result_;
};

// Where the first ill-formed sequence begins. Slow; asked only when there is one.
size_t bad_utf8_at(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    size_t n = 1;
    while (n <= 4 && !base::is_utf8(text.substr(at, n))) ++n;
    if (n > 4) break;
    at += n;
  }
  return at;
}

}  // namespace

std::string Scan::detail() const {
  return std::string(error) + " at byte " + std::to_string(offset);
}

Scan scan(std::string_view text) {
  if (base::is_utf8(text)) return Scanner(text).run();
  Scan bad;
  bad.error = "not UTF-8";
  bad.offset = bad_utf8_at(text);
  return bad;
}

}  // namespace wire
