// A real PostgreSQL for one unit test, on a unix socket in a folder of its own, fsync and synchronous_commit
// on; its data folder is a copy of the template under build/ that the system tests use too. As root it runs
// as scripts/lib/as-postgres arranges. A guard, which outlives the test however that ends, stops the server
// and removes the folder. Run from the project's root, as prove does.
#pragma once

#include <fcntl.h>
#include <libpq-fe.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "tap.h"

namespace tap {

class Postgres {
 public:
  enum class How { fast, immediate, kill };

  explicit Postgres(bool with_schema = true) {
    std::string folder = "/tmp/chatd-pg-XXXXXX";
    if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("mkdtemp");
    folder_ = folder;
    watch_over();
    shell(copy_template, {folder_});
    std::ofstream(folder_ + "/data/postgresql.auto.conf")
        << "listen_addresses = ''\nunix_socket_directories = '" << folder_
        << "/s'\nunix_socket_permissions = 0700\nmax_connections = 60\nshared_buffers = 32MB\nfsync = on\n"
           "synchronous_commit = on\ntimezone = 'UTC'\nlog_line_prefix = '%m [%p] %a '\n";
    start();
    sql("CREATE DATABASE chatd", "postgres");
    if (with_schema) shell("scripts/chatd-initdb \"$1\" >&2", {conninfo()});
  }
  // The guard does it, and is waited for.
  ~Postgres() {
    sql_.reset();
    if (tap::failed != 0 && write(guard_pipe_, "k", 1) == 1)
      std::printf("# PostgreSQL's log stays in %s\n", folder_.c_str());
    close(guard_pipe_);
    waitpid(guard_, nullptr, 0);
    waitpid(server_, nullptr, 0);
  }
  Postgres(const Postgres&) = delete;

  std::string conninfo(const std::string& database = "chatd") const {
    return "host=" + folder_ + "/s user=chatd dbname=" + database;
  }

  void start() {
    server_ = fork();
    if (server_ == 0) run_server();
    const int64_t end = base::mono_ms() + 60000;
    while (PQping(conninfo("postgres").c_str()) != PQPING_OK) {
      if (base::mono_ms() > end || waitpid(server_, nullptr, WNOHANG) != 0)
        throw std::runtime_error("PostgreSQL does not start, see " + folder_ + "/log");
      usleep(10000);
    }
  }
  // fast ends sessions, immediate is a crash that the server knows of, kill one that nobody knows of.
  void stop(How how) {
    sql_.reset();
    const std::vector<pid_t> backends = children(server_);
    thaw();
    ::kill(server_, how == How::fast ? SIGINT : how == How::immediate ? SIGQUIT : SIGKILL);
    if (how == How::kill)
      for (const pid_t pid : backends) ::kill(pid, SIGKILL);
    waitpid(server_, nullptr, 0);
    for (const pid_t pid : backends)
      while (alive(pid)) usleep(1000);
  }
  // Every process stands still: connections stay open, and nothing answers.
  void freeze() { signal_all(SIGSTOP); }
  void thaw() { signal_all(SIGCONT); }
  // Open connections go on, new ones wait.
  void hold_new_connections(bool hold) { ::kill(server_, hold ? SIGSTOP : SIGCONT); }

  // The answer's columns are separated by |, its rows by blanks. Throws what the server says against it.
  std::string sql(const std::string& text, const std::string& database = "chatd") {
    if (!sql_ || database != PQdb(sql_.get()) || PQstatus(sql_.get()) != CONNECTION_OK)
      sql_.reset(PQconnectdb(conninfo(database).c_str()));
    std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(sql_.get(), text.c_str()), PQclear);
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK && PQresultStatus(result.get()) != PGRES_COMMAND_OK)
      throw std::runtime_error(PQerrorMessage(sql_.get()));
    std::string out;
    for (int row = 0; row < PQntuples(result.get()); ++row)
      for (int column = 0; column < PQnfields(result.get()); ++column)
        out += (column > 0 ? "|" : row > 0 ? " " : "") + std::string(PQgetvalue(result.get(), row, column));
    return out;
  }
  int64_t number(const std::string& text) { return std::atoll(sql(text).c_str()); }
  // Ends every connection but the one that asks.
  void cut_off() {
    sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname IS NOT NULL "
        "AND pid <> pg_backend_pid()");
  }

 private:
  // The same lock and the same place as t/lib/Chatd/Test/Postgres.pm.
  static constexpr const char* copy_template = R"(
    set -eu
    version=$(pg_config --version | sed 's/[^0-9.]*\([0-9.]*\).*/\1/')
    template=$PWD/build/pg-template-$version-$(id -u)
    mkdir -p build "$1/s" && chmod 700 "$1/s"
    exec 9>>"$template.lock" && flock 9
    if [ ! -e "$template/PG_VERSION" ]; then
      rm -rf "$template.new" && mkdir -m 700 "$template.new"
      TZ=UTC scripts/lib/as-postgres "$template.new" -- "$(pg_config --bindir)/initdb" -N -A trust -U chatd \
        -E UTF8 --locale=C -D "$template.new" >&2
      mv "$template.new" "$template"
    fi
    cp -a "$template" "$1/data")";

  static void shell(const std::string& script, const std::vector<std::string>& arguments) {
    std::vector<const char*> argv = {"sh", "-c", script.c_str(), "sh"};
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    argv.push_back(nullptr);
    const pid_t pid = fork();
    if (pid == 0) {
      execv("/bin/sh", const_cast<char**>(argv.data()));
      _exit(127);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    if (status != 0) throw std::runtime_error("failed: " + script);
  }

  [[noreturn]] void run_server() const {
    const int log = open((folder_ + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(open("/dev/null", O_RDONLY), 0);
    dup2(log, 1);
    dup2(log, 2);
    const std::string run =
        "exec scripts/lib/as-postgres \"$1/data\" \"$1/s\" -- "
        "\"$(pg_config --bindir)/postgres\" -D \"$1/data\"";
    execl("/bin/sh", "sh", "-c", run.c_str(), "sh", folder_.c_str(), nullptr);
    _exit(127);
  }

  static std::vector<pid_t> children(pid_t pid) {
    const std::string id = std::to_string(pid);
    std::ifstream in("/proc/" + id + "/task/" + id + "/children");
    std::vector<pid_t> all;
    for (pid_t child = 0; in >> child;) all.push_back(child);
    return all;
  }
  static bool alive(pid_t pid) {
    std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    if (!std::getline(in, line)) return false;
    const char state = line[line.rfind(')') + 2];
    return state != 'Z' && state != 'X';
  }
  void signal_all(int signal) const {
    std::vector<pid_t> all = children(server_);
    all.insert(all.begin(), server_);
    for (const pid_t pid : all) ::kill(pid, signal);
  }

  // The guard waits until the test lets go of the pipe: at its end, or by its death.
  void watch_over() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    guard_ = fork();
    guard_pipe_ = ends[1];
    if (guard_ != 0) {
      close(ends[0]);
      return;
    }
    close(ends[1]);
    setpgid(0, 0);
    for (const int fd : {0, 1, 2}) dup2(open("/dev/null", O_RDWR), fd);
    char word = 0;
    const bool keep = read(ends[0], &word, 1) == 1 && read(ends[0], &word, 1) == 0;
    clean_up(keep);
    _exit(0);
  }
  void clean_up(bool keep) {
    std::ifstream pid_file(folder_ + "/data/postmaster.pid");
    if (pid_file >> server_ && server_ > 1 && alive(server_)) {
      thaw();
      ::kill(server_, SIGQUIT);
      while (alive(server_)) usleep(5000);
    }
    std::filesystem::remove_all(folder_ + (keep ? "/data" : ""));
  }

  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  std::string folder_;
  pid_t server_ = -1;
  pid_t guard_ = -1;
  int guard_pipe_ = -1;
  std::unique_ptr<PGconn, Finish> sql_;
};

}  // namespace tap
