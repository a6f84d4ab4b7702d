// See scan.h. Scanner::token() cuts the bytes into tokens; on_*() follow the statements just far enough to
// know which name a value belongs to. Whether the names and their order make sense is libconfuse's to say.
#include "common/conf/scan.h"

#include <cstring>

#include "common/base/text.h"

namespace conf {
namespace {

constexpr std::string_view word_marks = "_.:/@%-[]";

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         word_marks.find(c) != word_marks.npos;
}

struct Word {
  std::string text;
  int line;
};

struct Block {
  std::string name;
  int line;
  int mark;   // of a section
  bool list;  // a list of values, not a section
};

class Scanner {
 public:
  explicit Scanner(std::string_view source) : source_(source) {}

  Scan run() {
    while (!scan_.problem && at_ < source_.size()) token();
    if (!scan_.problem) on_end();
    scan_.lines = line_ > 1 && source_.ends_with('\n') ? line_ - 1 : line_;
    return std::move(scan_);
  }

 private:
  // One token or one stretch between tokens.
  void token();
  void comment();
  void quoted(char quote);
  void escape(char quote, std::string& text);
  void bare();
  void junk();

  void on_word(std::string text);
  void on_equals();
  void on_open();
  void on_close();
  void on_end();
  bool misplaced(size_t allowed);
  void mark(const Word& word);

  bool ahead(std::string_view text) const { return source_.substr(at_).starts_with(text); }
  void emit(std::string_view token) { (scan_.text += token) += ' '; }
  void newline() {
    ++line_;
    scan_.text += '\n';
  }
  void fail(int line, std::string name, std::string_view expected) {
    if (!scan_.problem) scan_.problem = Problem{line, std::move(name), "expected " + std::string(expected)};
  }
  void fail_here(std::string_view expected) { fail(line_, subject(), expected); }
  std::string subject() const;

  std::string_view source_;
  size_t at_ = 0;
  int line_ = 1;
  Scan scan_;
  std::vector<Word> pending_;    // words of a statement that is neither a setting nor a block yet
  std::optional<Word> setting_;  // `name =` has been read, its value not
  std::vector<Block> blocks_;
};

// Whom a mistake at this place concerns.
std::string Scanner::subject() const {
  if (!pending_.empty()) return pending_.front().text;
  if (setting_) return setting_->text;
  if (!blocks_.empty() && blocks_.back().list) return blocks_.back().name;
  if (!scan_.marks.empty() && scan_.marks.back().line == line_) return scan_.marks.back().name;
  return base::escaped(source_.substr(at_, 1));
}

void Scanner::token() {
  const char c = source_[at_];
  if (c == '#' || ahead("//") || ahead("/*")) return comment();
  if (c == '"' || c == '\'') return quoted(c);
  if (is_word(c)) return bare();
  if (c == '\n') {
    newline();
  } else if (c == '=') {
    on_equals();
  } else if (c == '{') {
    on_open();
  } else if (c == '}') {
    on_close();
  } else if (c == ',') {
    emit(",");
  } else if (c != ' ' && c != '\t' && !ahead("\r\n")) {
    return junk();
  }
  ++at_;
}

void Scanner::junk() {
  const unsigned char c = static_cast<unsigned char>(source_[at_]);
  if (c == ';') return fail_here("the line to end here, without a semicolon");
  if (ahead("${")) return fail_here("a value itself: ${...} is not replaced by anything");
  if (c == 0xEF || c < 0x20) return fail_here("text, not the byte " + base::escaped(source_.substr(at_, 1)));
  fail_here("quotes around what holds " + base::escaped(source_.substr(at_, 1)));
}

void Scanner::comment() {
  if (!ahead("/*")) {
    at_ = std::min(source_.find('\n', at_), source_.size());
    return;
  }
  const size_t end = source_.find("*/", at_ + 2);
  if (end == source_.npos) return fail(line_, "/*", "a closing */");
  for (; at_ < end + 2; ++at_)
    if (source_[at_] == '\n') newline();
}

// Strings end on their line, so that a forgotten quote is reported where it is missing.
void Scanner::quoted(char quote) {
  std::string text;
  for (++at_; at_ < source_.size() && source_[at_] != quote && !scan_.problem; ++at_) {
    const char c = source_[at_];
    if (c == '\n') break;
    if (c == '"' || c == '\\')
      escape(quote, text);
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      fail_here("text without the byte " + base::escaped(source_.substr(at_, 1)));
    else if (quote == '"' && ahead("${"))
      fail_here("a value itself: ${...} is not replaced by anything (\\${ is that text)");
    else
      text += c;
  }
  if (scan_.problem) return;
  if (at_ == source_.size() || source_[at_] != quote) return fail_here("a closing quote on the same line");
  if (!base::is_utf8(text)) return fail_here("text in UTF-8");
  ++at_;
  on_word(std::move(text));
}

void Scanner::escape(char quote, std::string& text) {
  const char c = source_[at_];
  const char next = at_ + 1 < source_.size() ? source_[at_ + 1] : '\0';
  if (c == '\\' && (next == '\\' || next == quote || (quote == '"' && next == '$'))) {
    text += next;
    ++at_;
  } else if (c == '\\') {
    fail_here(std::string("\\\\") + (quote == '"' ? ", \\\" or \\$" : " or \\'") +
              " where a backslash stands");
  } else {
    text += c;  // a double quote within single ones
  }
}

void Scanner::bare() {
  const size_t begin = at_;
  while (at_ < source_.size() && is_word(source_[at_])) {
    if (at_ > begin && ahead("//")) return fail_here("quotes around what holds //");
    ++at_;
  }
  if (at_ < source_.size() && std::strchr("\"'*", source_[at_]) != nullptr && source_[at_] != '\0')
    return fail_here("a blank or quotes");
  on_word(std::string(source_.substr(begin, at_ - begin)));
}

void Scanner::on_word(std::string text) {
  std::string token = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\' || c == '$') token += '\\';
    token += c;
  }
  emit(token + '"');
  if (!blocks_.empty() && blocks_.back().list) return;
  if (setting_)
    setting_.reset();
  else
    pending_.push_back(Word{std::move(text), line_});
}

void Scanner::mark(const Word& word) {
  scan_.marks.push_back(Mark{word.text, word.line, blocks_.empty() ? -1 : blocks_.back().mark});
}

// True if words stand before this one that belong to nothing.
bool Scanner::misplaced(size_t allowed) {
  if (pending_.size() <= allowed) return false;
  fail(pending_.front().line, pending_.front().text, "= and a value, or \"...\" and {");
  return true;
}

void Scanner::on_equals() {
  if (misplaced(1)) return;
  emit("=");
  if (pending_.empty()) return;
  const Word word = pending_.front();
  pending_.clear();
  const int section = blocks_.empty() ? -1 : blocks_.back().mark;
  for (const Mark& mark : scan_.marks)
    if (mark.section == section && mark.name == word.text)
      return fail(word.line, word.text, "once only: it is given in line " + std::to_string(mark.line));
  mark(word);
  setting_ = word;
}

void Scanner::on_open() {
  if (misplaced(2)) return;
  emit("{");
  if (setting_) {
    blocks_.push_back(Block{setting_->text, line_, -1, true});
    setting_.reset();
  } else {
    const Word word = pending_.empty() ? Word{"{", line_} : pending_.front();
    pending_.clear();
    mark(word);
    blocks_.push_back(Block{word.text, word.line, static_cast<int>(scan_.marks.size()) - 1, false});
  }
}

void Scanner::on_close() {
  if (misplaced(0)) return;
  if (setting_) return fail(setting_->line, setting_->text, "a value after =");
  if (blocks_.empty()) return fail(line_, "}", "a directive: no block is open here");
  emit("}");
  blocks_.pop_back();
}

void Scanner::on_end() {
  if (misplaced(0)) return;
  if (setting_) return fail(setting_->line, setting_->text, "a value after =");
  if (!blocks_.empty()) fail(blocks_.back().line, blocks_.back().name, "a closing }");
}

}  // namespace

Scan scan(std::string_view source) {
  return Scanner(source).run();
}

}  // namespace conf
