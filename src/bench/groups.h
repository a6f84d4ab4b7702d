// The scenario of a group: its members are spread over the load processes and the targets, and talk in turn
// at a rate. How far each message has come, to the last member too, is put together on the board.
#pragma once

#include <string>
#include <vector>

#include "bench/talk.h"

namespace bench {

class Groups : public Talk {
 public:
  explicit Groups(Context& context);

  static Plan plan(const Options& options);
  int64_t turn(int64_t now) override;
  bool ready() const override { return Crowd::ready() && members_ == size(); }

 private:
  void came(Client& client) override;
  void answered(Client& client, const Request& request, const Frame& frame) override;
  void reached(int64_t number, int64_t latency_us) override;
  void ask(Client& client, std::string_view op);

  const std::string group_;
  std::vector<bool> member_;     // by client
  std::vector<size_t> outside_;  // logged in before there was a group
  size_t members_ = 0;
};

}  // namespace bench
