// See tree.h. libconfuse reports by a callback without a pointer of ours, hence one variable here.
#include "common/conf/tree.h"

#include <confuse.h>

#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>

#include "common/base/text.h"
#include "common/conf/directives.h"

namespace conf {
namespace {

struct Report {
  int line = 0;
  std::string block;    // "root", or the block's name
  std::string format;   // which complaint it is
  std::string subject;  // what stood at %s
};

std::optional<Report> report;  // the first of a parse; those that follow are its echo

// Its formats hold one %s at most, always a string.
void on_error(cfg_t* cfg, const char* format, va_list arguments) {
  if (report) return;
  report = Report{cfg->line, cfg->name != nullptr ? cfg->name : "", format, {}};
  if (std::strstr(format, "%s") != nullptr) report->subject = va_arg(arguments, const char*);
}

// What each complaint means to the reader; `named`: its subject is the directive.
struct Complaint {
  std::string_view format;
  bool named;
  std::string_view expected;
};

constexpr std::array complaints = std::to_array<Complaint>({
    {"no such option '%s'", true, "a directive that chatd knows"},
    {"found duplicate title '%s'", false, "another address: this one is given twice"},
    {"missing equal sign after option '%s'", true, "= and a value"},
    {"missing opening brace for section '%s'", true, "{ after its address"},
    {"missing title for section '%s'", true, "an address before {"},
});

cfg_opt_t option(std::string_view name, cfg_type_t type, cfg_flag_t flags) {
  cfg_opt_t opt{};
  opt.name = name.data();  // a literal of the table: it ends with a NUL
  opt.type = type;
  opt.flags = flags | CFGF_NODEFAULT;
  return opt;
}

// The rows that stand in this section ("": at the top), and libconfuse's end mark.
std::vector<cfg_opt_t> options_of(std::string_view section) {
  std::vector<cfg_opt_t> options;
  for (const Directive& row : directives()) {
    if (section_of(row) != section || row.kind == Kind::section) continue;
    options.push_back(option(key_of(row), CFGT_STR, is_list(row.kind) ? CFGF_LIST : CFGF_NONE));
  }
  options.push_back(cfg_opt_t{});
  return options;
}

struct Free {
  void operator()(cfg_t* cfg) const { cfg_free(cfg); }
};
using Handle = std::unique_ptr<cfg_t, Free>;

Handle make() {
  std::vector<cfg_opt_t> options = options_of("");
  std::vector<std::vector<cfg_opt_t>> keys;
  for (const Directive& row : directives()) {
    if (row.kind != Kind::section) continue;
    keys.push_back(options_of(row.name));  // a vector's elements stay where they are when it is moved
    cfg_opt_t section = option(row.name, CFGT_SEC, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
    section.subopts = keys.back().data();
    options.insert(options.begin(), section);
  }
  return Handle(cfg_init(options.data(), CFGF_NONE));  // which copies them all
}

std::string keys_of(std::string_view section) {
  std::string list;
  for (const Directive& row : directives())
    if (section_of(row) == section) (list += list.empty() ? "" : ", ") += key_of(row);
  return list;
}

// The last name at or before a line: what a complaint without a name is about.
std::string name_before(const Scan& scan, int line, const std::string& otherwise) {
  for (auto mark = scan.marks.rbegin(); mark != scan.marks.rend(); ++mark)
    if (mark->line <= line) return mark->name;
  return base::escaped(otherwise);
}

Problem explain(const Report& said, const Scan& scan) {
  const bool in_block = said.block != "root";
  for (const Complaint& known : complaints) {
    if (said.format != known.format) continue;
    std::string expected(known.expected);
    if (known.format.starts_with("no such option") && in_block) expected = "one of " + keys_of(said.block);
    std::string name = known.named ? base::escaped(said.subject) : name_before(scan, said.line, "");
    return Problem{said.line, std::move(name), "expected " + expected};
  }
  return Problem{said.line, name_before(scan, said.line, said.subject),
                 "expected something else than '" + base::escaped(said.subject) + "' here"};
}

Entry entry(cfg_t* cfg, const Mark& mark) {
  Entry out{{}, mark.line};
  cfg_opt_t* opt = cfg_getopt(cfg, mark.name.c_str());
  for (unsigned i = 0; i < cfg_opt_size(opt); ++i) out.words.emplace_back(cfg_opt_getnstr(opt, i));
  return out;
}

// The marks are in the file's order, and so are libconfuse's sections of one name.
void collect(cfg_t* cfg, const Scan& scan, Tree& tree) {
  cfg_t* open = nullptr;  // the section that the marks are in; sections do not nest
  Section* section = nullptr;
  for (const Mark& mark : scan.marks) {
    if (mark.section >= 0) {
      section->keys[mark.name] = entry(open, mark);
    } else if (cfg_getopt(cfg, mark.name.c_str())->type == CFGT_SEC) {
      std::vector<Section>& all = tree.sections[mark.name];
      open = cfg_getnsec(cfg, mark.name.c_str(), static_cast<unsigned>(all.size()));
      section = &all.emplace_back(Section{cfg_title(open), mark.line, {}});
    } else {
      tree.settings[mark.name] = entry(cfg, mark);
    }
  }
}

}  // namespace

Tree parse_tree(const Scan& scan) {
  Tree tree;
  report.reset();
  const Handle cfg = make();
  if (!cfg) {
    tree.problem = Problem{1, "chatd", "expected memory to read the file"};
    return tree;
  }
  cfg_set_error_function(cfg.get(), on_error);
  const int status = cfg_parse_buf(cfg.get(), scan.text.c_str());
  if (report)
    tree.problem = explain(*report, scan);
  else if (status != CFG_SUCCESS)
    tree.problem = Problem{scan.lines, "chatd", "expected a file that libconfuse can read"};
  else
    collect(cfg.get(), scan, tree);
  return tree;
}

const char* libconfuse_version() {
  return confuse_version;
}

}  // namespace conf
