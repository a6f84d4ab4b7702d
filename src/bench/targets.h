// Targets: the addresses that the load goes to, dealt out in turn. A pair of addresses has but 28,000 ports:
// to a target on 127.0.0.0/8 each 10,000 connections come from a loopback address of their own.
#pragma once

#include <vector>

#include "bench/link.h"
#include "client/address.h"
#include "common/base/error.h"

namespace bench {

class Targets {
 public:
  // Looks the names up; may block.
  static base::Result<Targets> resolve(const std::vector<client::Address>& addresses);

  size_t size() const { return endpoints_.size(); }
  // For connection `nth` of the whole run, to target `which` (taken modulo).
  Route route(size_t which, size_t nth) const;

 private:
  std::vector<client::Endpoint> endpoints_;
};

}  // namespace bench
