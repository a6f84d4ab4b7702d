// chat: the terminal client of chatd. Here: the command line, and which console there is.
#include <unistd.h>

#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>

#include "client/chat.h"
#include "client/plain.h"
#include "client/terminal.h"

namespace {

using client::Console;

// Text is UTF-8 whatever the locale says; only the marks that we add follow the locale.
client::Style choose_style() {
  client::Style style;
  const char* locale = setlocale(LC_CTYPE, "");
  style.unicode = locale != nullptr && MB_CUR_MAX > 1;
  if (!style.unicode) setlocale(LC_CTYPE, "C.UTF-8");
  const char* no_colour = getenv("NO_COLOR");
  style.colour = no_colour == nullptr || *no_colour == '\0';
  return style;
}

bool is_dumb() {
  const char* term = getenv("TERM");
  return term == nullptr || *term == '\0' || strcmp(term, "dumb") == 0;
}

std::unique_ptr<Console> choose_console(bool plain) {
  const client::Style style = choose_style();
  if (plain || is_dumb() || isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0)
    return std::make_unique<client::Plain>();
  return std::make_unique<client::Terminal>(style);
}

int run(client::Options options) {
  auto endpoints = client::resolve(options.server);
  if (!endpoints) {
    fprintf(stderr, "chat: can't connect to %s: %s\n", options.server.text().c_str(),
            endpoints.error().detail.c_str());
    return client::exit_unreachable;
  }
  const auto console = choose_console(options.plain);
  return client::Chat(std::move(options), std::move(*endpoints), *console).run();
}

}  // namespace

int main(int argc, char** argv) {
  auto options = client::parse_options(argc, argv);
  if (!options) {
    fprintf(stderr, "chat: %s\n%s", options.error().detail.c_str(), client::usage);
    return client::exit_usage;
  }
  if (options->help) return fputs(client::usage, stdout) < 0;
  if (options->version) return puts("chat " CHATD_VERSION) < 0;
  try {
    return run(std::move(*options));
  } catch (const std::exception& error) {
    fprintf(stderr, "chat: %s\n", error.what());
    return client::exit_unreachable;
  }
}
