// Head: the head of an HTTP response, field by field. Every response has those that keep a browser from
// doing what the page does not ask for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace web {

// "404 Not Found". REQUIRES: a status that is used here.
std::string_view status_line(int status);

class Head {
 public:
  Head(int status, int64_t now);  // now: Unix seconds
  Head& field(std::string_view name, std::string_view value);
  std::string end() { return std::move(text_.append("\r\n")); }

 private:
  std::string text_;
};

}  // namespace web
