// See writer.h. Whether a comma is due is read off the last byte: only an opening bracket or a colon ends
// the text before a first member or a value.
#include "worker/wire/writer.h"

#include <charconv>

#include "worker/wire/plain.h"

namespace wire {
namespace {

void append_escape(std::string& out, char c) {
  static constexpr char digits[] = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  out += "\\u00";
  out += digits[static_cast<unsigned char>(c) >> 4];
  out += digits[c & 15];
}

}  // namespace

void Writer::comma() {
  if (out_.size() == begin_) return;
  const char last = out_.back();
  if (last != '{' && last != '[' && last != ':') out_ += ',';
}

void Writer::quote(std::string_view text) {
  out_ += '"';
  for (size_t i = 0; i < text.size();) {
    const size_t end = plain_end(text, i);
    out_.append(text, i, end - i);
    if (end < text.size()) append_escape(out_, text[end]);
    i = end + 1;
  }
  out_ += '"';
}

Writer& Writer::open(char bracket) {
  comma();
  out_ += bracket;
  return *this;
}

Writer& Writer::key(std::string_view name) {
  comma();
  quote(name);
  out_ += ':';
  return *this;
}

Writer& Writer::string(std::string_view value) {
  comma();
  quote(value);
  return *this;
}

Writer& Writer::integer(int64_t value) {
  char digits[24];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  return raw(std::string_view(digits, static_cast<size_t>(end - digits)));
}

Writer& Writer::raw(std::string_view json) {
  comma();
  out_ += json;
  return *this;
}

}  // namespace wire
