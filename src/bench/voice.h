// Voice: one client that sends numbered messages to one conversation. What can't be sent now, or was lost
// with a connection, is sent later with the same cid, and its latency still counts from when it was due.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "bench/client.h"
#include "bench/scenario.h"

namespace bench {

struct Conversation {
  std::string name;    // as the sender says it: "@user", "#group"
  int64_t listeners;   // deliveries that each message must have
  bool alone = false;  // nobody else writes there
};

// A refusal for the moment only; and when what was refused may be tried again.
bool passing(const Frame& frame);
int64_t again_us(const Frame& frame);

class Voice {
 public:
  // `place`: by which requests name it.
  Voice(Context& context, Client& client, size_t place, Conversation to);

  Client& client() { return client_; }
  size_t place() const { return place_; }
  const std::string& to() const { return to_.name; }
  // Nothing of it waits, for an answer or to be said.
  bool silent() const { return open_ == 0; }

  void say(int64_t number, int64_t due_us);
  // Its client is back.
  void resume();
  // Its client is gone: what waited for a reply waits to be said again.
  void interrupt();
  // A reply; true if that message is done with, well or not.
  bool answered(const Request& request, const Frame& frame);
  // What was refused for the moment, and may be tried again.
  void retry(int64_t now);

 private:
  struct Message {
    int64_t number;
    int64_t due_us;
  };

  std::string text_of(const Message& message) const;
  void transmit(const Message& message);
  void record(const Request& request, Record::Kind how, int64_t seq);
  void accepted(const Request& request, const Frame& frame);

  Context& context_;
  Client& client_;
  const size_t place_;
  const Conversation to_;
  int64_t open_ = 0;    // messages without an answer
  bool heard_ = false;  // one of its messages has been acknowledged
  std::deque<Message> later_;
  int64_t retry_us_ = 0;
};

}  // namespace bench
