// See build_info.h. The libraries are asked at run time, for it is the loaded one that matters. Their
// version functions are declared here by hand, so that no foreign header leaves its home for a number.
#include "master/build_info.h"

#include <dlfcn.h>

#include <climits>
#include <cstdlib>

#include "common/conf/tree.h"

#ifndef CHATD_VERSION
#define CHATD_VERSION "unknown"
#endif

extern "C" {
const char* event_get_version(void);
const char* cJSON_Version(void);
const char* sodium_version_string(void);
int PQlibVersion(void);
const char* zlibVersion(void);
// Never called: hiredis and wslay tell no version, so their files' names must do.
void redisAsyncFree(void*);
void wslay_event_context_free(void*);
}

namespace master {
namespace {

std::string compiler() {
#ifdef __clang__
  return "clang++ " + std::to_string(__clang_major__) + "." + std::to_string(__clang_minor__);
#else
  return "g++ " __VERSION__;
#endif
}

std::string libpq() {
  const int number = PQlibVersion();  // 150013 is 15.13
  return std::to_string(number / 10000) + "." + std::to_string(number % 10000);
}

std::string file_of(void (*function)(void*)) {
  Dl_info info{};
  char path[PATH_MAX];
  if (dladdr(reinterpret_cast<void*>(function), &info) == 0 || realpath(info.dli_fname, path) == nullptr)
    return "";
  const std::string name(path);
  return name.substr(name.rfind('/') + 1);
}

}  // namespace

std::string version() {
  return "chatd " CHATD_VERSION;
}

std::string build_info() {
  return version() + "\nbuilt by " + compiler() + "\nlibevent " + event_get_version() + "\nhiredis " +
         file_of(redisAsyncFree) + "\ncJSON " + cJSON_Version() + "\nlibpq " + libpq() + "\nlibconfuse " +
         conf::libconfuse_version() + "\nlibsodium " + sodium_version_string() + "\nwslay " +
         file_of(wslay_event_context_free) + "\nzlib " + zlibVersion();
}

}  // namespace master
