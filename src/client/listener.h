// Listener: what a Protocol tells its user. Every function has an empty default, and may call the Protocol
// back (request, send, login), for nothing is sent before the turn's end.
#pragma once

#include <cstdint>
#include <string>

#include "client/frame.h"
#include "client/outbox.h"

namespace client {

struct Account {
  std::string name;
  std::string display;
  std::string token;
  int64_t expires = 0;
};

class Listener {
 public:
  virtual ~Listener() = default;

  virtual void greeted(const Json& hello) { (void)hello; }
  virtual void logged_in(const Account& account) { (void)account; }
  // The credentials are forgotten; the connection stays.
  virtual void login_refused(const Refusal& refusal) { (void)refusal; }
  virtual void synced() {}

  // A message not seen before. `conv` is its conversation as the user names it.
  virtual void message(const Message& message, const std::string& conv) { (void)message, (void)conv; }
  // The fate of a send: exactly one of these two, once per message.
  virtual void stored(const Outgoing& message, int64_t ts) { (void)message, (void)ts; }
  virtual void refused(const Outgoing& message, const Refusal& refusal) { (void)message, (void)refusal; }
  // A login or a send was refused for the moment; it is repeated by itself.
  virtual void delayed(const Refusal& refusal) { (void)refusal; }

  virtual void event(const std::string& name, const Json& frame) { (void)name, (void)frame; }
  // A refusal that answers no request of ours.
  virtual void complaint(const Refusal& refusal) { (void)refusal; }

  // The connection is gone, and comes back by itself after wait_ms.
  virtual void lost(const std::string& why, int64_t wait_ms) { (void)why, (void)wait_ms; }
  // The connection is gone, and stays away until login() or start().
  virtual void ended(const std::string& why) { (void)why; }
};

}  // namespace client
