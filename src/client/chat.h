// Chat: what the program `chat` does: logs in, sends what is typed, shows what comes, and leaves in order.
// It owns the Protocol and the state of the talk (who I am, whom I talk to); the Console belongs to main.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "client/console.h"
#include "client/options.h"
#include "client/protocol.h"
#include "client/tokens.h"

namespace client {

// Exit status.
inline constexpr int exit_ok = 0;
inline constexpr int exit_refused = 1;
inline constexpr int exit_usage = 2;
inline constexpr int exit_unreachable = 3;

class Chat : public Pump, private Listener {
 public:
  Chat(Options options, std::vector<Endpoint> endpoints, Console& console);
  // Everything, from the first connection to the last reply; the exit status.
  int run();

  // For commands.
  Console& console() { return console_; }
  Protocol& protocol() { return protocol_; }
  const Account& account() const { return account_; }
  const std::string& server() const { return server_; }
  const std::string& current() const { return current_; }
  void talk_to(const std::string& conv);
  // These wait for their outcome, and tell it.
  bool sign_in(const std::string& name);
  bool enrol(const std::string& name);
  void sign_out(bool all);
  void quit() { quit_ = true; }

  int fd() const override { return protocol_.fd(); }
  short events() const override { return protocol_.events(); }
  int64_t deadline() const override;
  void turn(short revents) override;
  bool over() const override { return quit_; }
  bool hungry() const override;

 private:
  enum class Login { none, asked, done, refused };

  void greeted(const Json& hello) override;
  void logged_in(const Account& account) override;
  void login_refused(const Refusal& refusal) override;
  void synced() override { synced_ = true; }
  void message(const Message& message, const std::string& conv) override;
  void event(const std::string& name, const Json& frame) override;
  void stored(const Outgoing& message, int64_t ts) override;
  void refused(const Outgoing& message, const Refusal& refusal) override;
  void delayed(const Refusal& refusal) override;
  void complaint(const Refusal& refusal) override;
  void lost(const std::string& why, int64_t wait_ms) override;
  void ended(const std::string& why) override;

  bool reach();
  bool begin();
  bool log_in(Credentials credentials);
  std::string ask_password(const std::string& name, bool twice);
  void obey(const std::string& typed);
  void say(const std::string& to, const std::string& text);
  void mistaken(const std::string& text);
  void run_command(const std::string& word, const std::vector<std::string>& args);
  void finish();
  void keep_login();
  void forget_me();
  Entry own(const Outgoing& message, Entry::State state, int64_t ts) const;
  void show_late();
  void count_late(bool stored);
  void update_prompt();
  std::vector<std::string> complete(std::string_view head) const;
  // Goes on until `done`; false after the limit, or when a signal asks to leave.
  bool wait_until(const std::function<bool()>& done, int64_t limit_ms);

  Options options_;
  Console& console_;
  Protocol protocol_;
  Tokens tokens_;
  Account account_;     // without a name: not logged in
  std::string server_;  // "chatd/0.1.0, node a"
  std::string node_;
  std::string current_;                     // the conversation that plain text goes to
  std::string password_;                    // of a registration, for the login behind it
  std::set<std::string> peers_;             // for completion
  std::map<std::string, int64_t> unshown_;  // a person's: cid → when it was typed; not on the screen yet
  size_t late_ = 0;                         // shown as sent, not answered yet
  size_t made_up_ = 0;                      // of those, stored by now
  Login login_ = Login::none;
  Refusal refusal_;      // of the login
  std::string trouble_;  // why the connection ended
  int64_t wait_end_ = Protocol::never;
  int status_ = exit_ok;
  bool away_ = false;     // the loss was told
  bool waiting_ = false;  // that the server asks to wait was told
  bool synced_ = false;
  bool quit_ = false;
  bool leaving_ = false;  // the end of the connection is our own wish
};

}  // namespace client
