// See line.h.
#include "client/line.h"

#include "common/base/text.h"

namespace client {
namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trim_end(std::string_view text) {
  const size_t last = text.find_last_not_of(blanks);
  return last == std::string_view::npos ? std::string_view{} : text.substr(0, last + 1);
}

// Takes the first word off `rest`, and the blanks behind it.
std::string_view take_word(std::string_view& rest) {
  const std::string_view word = rest.substr(0, rest.find_first_of(blanks));
  rest.remove_prefix(word.size());
  const size_t next = rest.find_first_not_of(blanks);
  rest.remove_prefix(next == std::string_view::npos ? rest.size() : next);
  return word;
}

Line mistake(std::string_view why) {
  Line line;
  line.kind = Line::Kind::mistake;
  line.text = why;
  return line;
}

Line plain_text(std::string_view text) {
  Line line;
  line.kind = Line::Kind::text;
  line.text = text;
  return line;
}

Line direct(std::string_view rest) {
  std::string_view name = take_word(rest);
  if (name.ends_with(':') || name.ends_with(',')) name.remove_suffix(1);
  Line line;
  line.kind = Line::Kind::direct;
  line.to = to_conversation(name);
  line.text = rest;
  if (line.to.empty())
    return mistake("a name is @ or # and 1 to 32 of a-z 0-9 _ . -; @@ or ## for a text that begins so");
  return line;
}

Line command(std::string_view rest) {
  Line line;
  line.kind = Line::Kind::command;
  rest.remove_prefix(1);
  line.command = take_word(rest);
  while (!rest.empty()) line.args.emplace_back(take_word(rest));
  return line;
}

}  // namespace

std::string to_user(std::string_view typed) {
  if (typed.starts_with('@')) typed.remove_prefix(1);
  return base::is_name(typed) ? "@" + std::string(typed) : std::string{};
}

std::string to_conversation(std::string_view typed) {
  if (!typed.starts_with('#')) return to_user(typed);
  return base::is_name(typed.substr(1)) ? std::string(typed) : std::string{};
}

Line parse_line(std::string_view typed) {
  const std::string_view text = trim_end(typed);
  if (text.empty()) return {};
  if (!base::is_utf8(text) || text.find('\0') != std::string_view::npos)
    return mistake("this line is not UTF-8 text; nothing was sent");
  if (text.starts_with("//") || text.starts_with("@@") || text.starts_with("##"))
    return plain_text(text.substr(1));
  if (text.starts_with('@') || text.starts_with('#')) return direct(text);
  if (text.starts_with('/')) return command(text);
  return plain_text(text);
}

}  // namespace client
