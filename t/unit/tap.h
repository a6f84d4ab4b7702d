// TAP for unit tests: ok(), is() and done(); the plan is printed at the end. For `prove`.
#pragma once

#include <cstdio>
#include <sstream>
#include <string>

namespace tap {

inline int count = 0;
inline int failed = 0;

inline bool ok(bool condition, const std::string& name) {
  std::printf("%s %d - %s\n", condition ? "ok" : "not ok", ++count, name.c_str());
  if (!condition) ++failed;
  return condition;
}

template <class A, class B>
bool is(const A& got, const B& expected, const std::string& name) {
  if (ok(got == expected, name)) return true;
  std::ostringstream text;
  text << "# got:      " << got << "\n# expected: " << expected;
  std::printf("%s\n", text.str().c_str());
  return false;
}

// return tap::done(); at the end of main.
inline int done() {
  std::printf("1..%d\n", count);
  return failed != 0;
}

}  // namespace tap
