// main: does what the command line asks. Order of a start: configuration, daemon, pid file, master; each
// only if all before it went well, so that a mistake starts nothing.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <string>

#include "common/base/log.h"
#include "common/conf/dump.h"
#include "common/conf/load.h"
#include "common/ipc/notify.h"
#include "master/build_info.h"
#include "master/daemon.h"
#include "master/master.h"
#include "master/options.h"
#include "master/pid_file.h"
#include "worker/worker.h"

namespace {

using master::Mode;

int fail(const std::string& why) {
  std::fprintf(stderr, "chatd: %s\n", why.c_str());
  return EXIT_FAILURE;
}

int print(const std::string& text) {
  return std::puts(text.c_str()) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int send_signal(const conf::Settings& settings, int signal) {
  base::Result<pid_t> pid = master::running_master(settings.pid_file);
  if (!pid) return fail(pid.error().detail);
  if (kill(*pid, signal) != 0) return fail("process " + std::to_string(*pid) + ": " + strerror(errno));
  return EXIT_SUCCESS;
}

void tell_manager() {
  ipc::notify("READY=1\nMAINPID=" + std::to_string(getpid()) + "\nSTATUS=serving");
}

int start(conf::Settings settings, const std::string& config_path) {
  const std::string absolute = std::filesystem::absolute(config_path);  // a daemon's folder is /
  master::Daemon daemon = settings.daemon ? master::Daemon::detach() : master::Daemon::stay();
  base::Result<master::PidFile> pid_file = master::PidFile::take(settings.pid_file);
  if (!pid_file) return fail(pid_file.error().detail);
  return master::run(std::move(settings), absolute, [&] {
    if (base::Result<void> written = pid_file->write(); !written)
      base::log(base::Level::error, "%s", written.error().detail.c_str());
    daemon.up();
    tell_manager();
  });
}

int with_configuration(const master::Options& options) {
  base::Result<conf::Settings> settings = conf::load(options.config_path, worker::conninfo_problem);
  if (!settings) return fail(settings.error().detail);
  if (options.mode == Mode::signal) return send_signal(*settings, options.signal);
  if (options.mode == Mode::run) return start(std::move(*settings), options.config_path);
  std::fprintf(stderr, "chatd: the configuration %s is fine\n", options.config_path.c_str());
  if (options.mode == Mode::dump) std::fputs(conf::dump(*settings).c_str(), stdout);
  return std::fflush(stdout) == 0 ? EXIT_SUCCESS : fail(std::string("standard output: ") + strerror(errno));
}

// Where one is closed, the next socket would be given its number, and a message be printed into it.
void occupy_standard_descriptors() {
  while (true) {
    const int fd = open("/dev/null", O_RDWR);
    if (fd > STDERR_FILENO) close(fd);
    if (fd < 0 || fd > STDERR_FILENO) return;
  }
}

int obey(const master::Options& options) {
  switch (options.mode) {
    case Mode::version:
      return print(master::version());
    case Mode::build:
      return print(master::build_info());
    case Mode::help:
      return print(master::usage);
    default:
      return with_configuration(options);
  }
}

}  // namespace

int main(int argc, char** argv) try {
  occupy_standard_descriptors();
  base::Result<master::Options> options = master::parse_options(argc, argv);
  if (options) return obey(*options);
  fail(options.error().detail);
  std::fprintf(stderr, "%s\n", master::usage);
  return EXIT_FAILURE;
} catch (const std::exception& error) {
  return fail(error.what());
}
