// Journal: what the clients of one load process were asked to do, did, and saw, written down as it happens,
// for the checker (check.h). It judges nothing. Its file has no name: it is gone with the run.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string_view>
#include <vector>

#include "bench/frame.h"
#include "bench/names.h"
#include "common/base/fd.h"

namespace bench {

// One event. Times are those of clock.h; what does not apply is -1.
struct Record {
  enum class Kind : uint8_t {
    send,      // a message was due; sent until it is answered
    ok,        // acknowledged
    put_off,   // refused for the moment
    refused,   // refused for good
    delivery,  // a message event
    ack,       // the client acknowledged up to seq
  };

  int64_t time_us = 0;  // send: when it was due; an answer, ack: when; delivery: how long it took
  int32_t number = -1;  // of the message in the run; delivery: what the text says
  int32_t seq = -1;
  int32_t who = nobody;  // whose client
  Conv conv{};
  int32_t from = nobody;  // delivery: the sender
  uint32_t text = 0;      // send, delivery: digest() of the text
  Kind kind = Kind::send;
};

// The same in all processes of a run.
uint32_t digest(std::string_view text);

class Journal {
 public:
  // A file for one load process, made before the fork in $TMPDIR or /tmp. Throws if that can't be.
  static base::Fd make_file();
  // What stands there once its writer has finished.
  static void read(int fd, std::vector<Record>& records);

  // `names` outlives it.
  Journal(int fd, const Names& names);

  void sent(std::string_view me, std::string_view to, int64_t number, int64_t due_us, std::string_view text);
  void answered(std::string_view me, std::string_view to, int64_t number, Record::Kind how, int64_t seq);
  void delivered(std::string_view me, const Frame& message, int64_t number, int64_t took_us);
  void acked(std::string_view me, std::string_view conv, int64_t seq);
  // Everything is in the file; throws if it is not.
  void finish();

 private:
  struct Close {
    void operator()(FILE* file) const { fclose(file); }
  };

  Record begin(Record::Kind kind, std::string_view me, std::string_view place) const;
  void write(const Record& record);

  const Names& names_;
  std::unique_ptr<FILE, Close> file_;
};

}  // namespace bench
