// secret.h: keys in separate domains, tokens' alphabet, the digest against a known value.
#include "worker/secret/secret.h"

#include <set>

#include "common/base/text.h"
#include "tap.h"

namespace {

void keys() {
  tap::ok(secret::cid_key("a") == secret::cid_key("a"), "the same cid gives the same key");
  tap::ok(secret::cid_key("a") != secret::cid_key("b"), "another cid gives another key");
  tap::ok(secret::cid_key(std::string("a\0", 2)) != secret::cid_key("a"), "the length counts");
  bool hashed = true, drawn = true;
  std::set<secret::Key16> seen;
  for (int i = 0; i < 1000; ++i) {
    hashed = hashed && secret::cid_key(std::to_string(i))[0] < 0x80;
    const secret::Key16 key = secret::random_key();
    drawn = drawn && key[0] >= 0x80;
    seen.insert(key);
  }
  tap::ok(hashed && drawn, "a random key never equals a cid's");
  tap::is(seen.size(), size_t{1000}, "random keys differ");
}

void tokens() {
  const std::string token = secret::token_text();
  tap::is(token.size(), size_t{43}, "32 bytes are 43 characters");
  const char* alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  tap::is(token.find_first_not_of(alphabet), std::string::npos, "they need no escaping in a URL or in JSON");
  tap::ok(token != secret::token_text(), "tokens differ");
  tap::is(base::to_hex(secret::token_digest("abc")),
          std::string("bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"),
          "the digest is BLAKE2b-256");
}

void bytes() {
  tap::is(secret::random_bytes(0).size(), size_t{0}, "no bytes");
  tap::ok(secret::random_bytes(16) != secret::random_bytes(16), "random bytes differ");
  tap::ok(secret::random_u64() != secret::random_u64(), "random numbers differ");
  std::set<uint32_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(secret::uniform(7));
  tap::ok(seen.size() == 7 && *seen.rbegin() == 6, "uniform(7) is 0 to 6");
  tap::is(secret::uniform(1), 0U, "uniform(1) is 0");
  tap::ok(secret::equal("abc", "abc") && !secret::equal("abc", "abd"), "equal() compares");
  tap::ok(!secret::equal("abc", "abcd") && secret::equal("", ""), "lengths count");
  std::string password = "hunter22";
  const char* place = password.data();
  secret::wipe(password);
  tap::ok(password.empty() && place[1] == '\0' && place[7] == '\0', "wipe() leaves nothing");
}

}  // namespace

int main() {
  secret::init();
  keys();
  tokens();
  bytes();
  return tap::done();
}
