// Writer: appends JSON to a string. It puts the commas and escapes the strings; it keeps no state but the
// string, so it can be made anywhere for nothing.
//
//   Writer w(out);
//   w.object().integer("id", 7).boolean("ok", true).array("names").string("ann").end_array().end_object();
//
// The caller balances what it opens. Strings are written as they are, but for controls, `"` and `\`: they
// must be UTF-8 already.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wire {

class Writer {
 public:
  // Appends to out, which may hold earlier bytes and must outlive the writer.
  explicit Writer(std::string& out) : out_(out), begin_(out.size()) {}

  // Values: in an array, or after key().
  Writer& object() { return open('{'); }
  Writer& array() { return open('['); }
  Writer& end_object() { return close('}'); }
  Writer& end_array() { return close(']'); }
  Writer& string(std::string_view value);
  Writer& integer(int64_t value);
  Writer& boolean(bool value) { return raw(value ? "true" : "false"); }
  Writer& null() { return raw("null"); }
  // REQUIRES: json is one complete JSON value.
  Writer& raw(std::string_view json);

  Writer& key(std::string_view name);

  // Members of an object: key and value at once.
  Writer& object(std::string_view name) { return key(name).object(); }
  Writer& array(std::string_view name) { return key(name).array(); }
  Writer& string(std::string_view name, std::string_view value) { return key(name).string(value); }
  Writer& integer(std::string_view name, int64_t value) { return key(name).integer(value); }
  Writer& boolean(std::string_view name, bool value) { return key(name).boolean(value); }
  Writer& null(std::string_view name) { return key(name).null(); }
  Writer& raw(std::string_view name, std::string_view json) { return key(name).raw(json); }

 private:
  void comma();
  void quote(std::string_view text);
  Writer& open(char bracket);
  Writer& close(char bracket) {
    out_ += bracket;
    return *this;
  }

  std::string& out_;
  size_t begin_;  // what this writer writes begins here
};

}  // namespace wire
