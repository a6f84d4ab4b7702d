// pg::places: a conninfo of several hosts as one of each, alike in all else.
#include "worker/pg/places.h"

#include <string>
#include <vector>

#include "tap.h"

int main() {
  const auto are = [](const std::string& conninfo, const std::vector<std::string>& more, const char* name) {
    std::vector<std::string> expected;
    for (const std::string& place : more) expected.push_back(conninfo + place);
    tap::ok(pg::places(conninfo) == expected, name);
  };
  are("host=/run/pg dbname=chatd", {""}, "one place");
  are("host=/run/a,/run/b port=1,2 user=u", {" host='/run/a' port='1'", " host='/run/b' port='2'"},
      "two sockets");
  are("host=127.0.0.1,127.0.0.2", {" host='127.0.0.1'", " host='127.0.0.2'"}, "no port");
  are("host=a,b hostaddr=::1,::2 port=5433", {" host='a' hostaddr='::1'", " host='b' hostaddr='::2'"},
      "one port for all, which stays");
  are("hostaddr=::1,::2,::3", {" hostaddr='::1'", " hostaddr='::2'", " hostaddr='::3'"}, "addresses alone");
  are("host='/it\\'s,/b c'", {" host='/it\\'s'", " host='/b c'"}, "what is quoted stays so");
  are("host=a,b port=1,2 host=c port=3", {""}, "the last of two equal settings");
  are("host=a,b port=1,,2", {""}, "what does not fit together is libpq's to refuse");
  are("host=a,b nonsense", {""}, "and so is what is not made of pairs");
  tap::done();
}
