// The cache of facts: what is used stays, what is not goes, and it never grows beyond its bound.
#include "worker/store/cache.h"

#include <algorithm>
#include <string>

#include "tap.h"

int main() {
  store::Cache<std::string, int> names(10);
  tap::ok(!names.find("ann"), "nothing is there at first");
  names.put("ann", 1);
  tap::ok(names.find("ann") == 1, "what was put is found");
  names.put("ann", 2);
  tap::ok(names.find("ann") == 2 && names.size() == 1, "put again, it is there once");

  store::Cache<int, int> cache(100);
  size_t most = 0;
  bool used_stays = true;
  cache.put(-1, 7);
  for (int i = 0; i < 10000; ++i) {
    cache.put(i, i);
    used_stays &= cache.find(-1) == 7;
    most = std::max(most, cache.size());
  }
  tap::ok(used_stays, "what is asked for again and again stays while 10,000 strangers pass");
  tap::ok(most <= 102, "and the bound holds (" + std::to_string(most) + " of 100)");
  tap::ok(!cache.find(1), "who is not asked for goes");
  tap::ok(cache.find(9999) == 9999 && cache.find(9960) == 9960, "the newest are there");

  cache.put(5, 1);
  for (int i = 20000; i < 20060; ++i) cache.put(i, i);
  cache.put(5, 2);
  for (int i = 20060; i < 20080; ++i) cache.put(i, i);
  tap::ok(cache.find(5) == 2, "an older value does not come back");

  store::Cache<int, int> small(0);
  for (int i = 0; i < 100; ++i) small.put(i, i);
  tap::ok(small.find(99) == 99 && small.size() <= 2, "a limit of 0 still works");
  return tap::done();
}
