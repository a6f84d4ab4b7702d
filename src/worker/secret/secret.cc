// See secret.h. The two domains of Key16 are told apart by a tag bit, and the hash by a personal string, so
// that BLAKE2b of the same text elsewhere gives other bytes.
#include "worker/secret/secret.h"

#include <sodium.h>

#include <cassert>
#include <stdexcept>

namespace secret {
namespace {

constexpr uint8_t random_tag = 0x80;
constexpr unsigned char personal[crypto_generichash_blake2b_PERSONALBYTES] = "chatd:cid:v1";
constexpr size_t token_bytes = 32;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

void init() {
  if (sodium_init() < 0) throw std::runtime_error("libsodium can't start");
}

std::string random_bytes(size_t n) {
  std::string out(n, '\0');
  randombytes_buf(out.data(), n);
  return out;
}

uint64_t random_u64() {
  uint64_t value = 0;
  randombytes_buf(&value, sizeof value);
  return value;
}

uint32_t uniform(uint32_t n) {
  assert(n > 0);
  return randombytes_uniform(n);
}

Key16 cid_key(std::string_view cid) {
  Key16 key{};
  crypto_generichash_blake2b_salt_personal(key.data(), key.size(), bytes(cid), cid.size(), nullptr, 0,
                                           nullptr, personal);
  key[0] &= static_cast<uint8_t>(~random_tag);
  return key;
}

// Many at a time: every message without a cid wants one, and each question to the kernel is a system call.
Key16 random_key() {
  static thread_local std::array<Key16, 256> drawn;
  static thread_local size_t left = 0;
  if (left == 0) {
    randombytes_buf(drawn.data(), sizeof drawn);
    left = drawn.size();
  }
  Key16 key = drawn[--left];
  key[0] |= random_tag;
  return key;
}

std::string token_text() {
  unsigned char raw[token_bytes];
  randombytes_buf(raw, sizeof raw);
  constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string text(sodium_base64_ENCODED_LEN(token_bytes, variant), '\0');
  sodium_bin2base64(text.data(), text.size(), raw, sizeof raw, variant);
  sodium_memzero(raw, sizeof raw);
  text.pop_back();  // the terminating NUL
  return text;
}

std::string token_digest(std::string_view token) {
  std::string digest(crypto_generichash_BYTES, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(digest.data()), digest.size(), bytes(token),
                     token.size(), nullptr, 0);
  return digest;
}

uint64_t seeded_hash(const std::array<uint8_t, 16>& seed, std::string_view text) {
  static_assert(crypto_shorthash_KEYBYTES == 16 && crypto_shorthash_BYTES == sizeof(uint64_t));
  uint64_t hash = 0;
  crypto_shorthash(reinterpret_cast<unsigned char*>(&hash), bytes(text), text.size(), seed.data());
  return hash;
}

bool equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

void wipe(std::string& text) {
  sodium_memzero(text.data(), text.size());
  text.clear();
}

}  // namespace secret
