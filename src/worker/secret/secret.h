// What must not be guessed: random bytes, tokens, the 16-byte keys of messages, comparison in equal time.
//
// The only folder that includes libsodium (see also hasher.h). Nothing here keeps state, logs, or waits:
// randomness comes from getrandom(2), which is sound after a fork. Passwords are hasher.h's business.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace secret {

// Once per process, before all else of this folder. Throws if libsodium can't start.
void init();

std::string random_bytes(size_t n);
uint64_t random_u64();
// Evenly from 0 to n-1. REQUIRES: n > 0.
uint32_t uniform(uint32_t n);

// By this a message is known again when it is sent a second time. The two kinds differ in the highest bit
// of the first byte, so a random key never equals that of a client's cid.
using Key16 = std::array<uint8_t, 16>;
Key16 cid_key(std::string_view cid);
Key16 random_key();

// What a client holds: 32 random bytes as 43 characters of A-Z a-z 0-9 - _.
std::string token_text();
// What the store holds: BLAKE2b-256 of the text, 32 raw bytes. A token has full entropy: no salt, no cost.
std::string token_digest(std::string_view token);

// For tables that strangers fill: who does not know the seed can't choose which texts share a place.
uint64_t seeded_hash(const std::array<uint8_t, 16>& seed, std::string_view text);

// Takes the same time wherever the two differ. The lengths are no secret.
bool equal(std::string_view a, std::string_view b);

// Overwrites the characters, and empties the string. The compiler can't leave it out.
void wipe(std::string& text);

}  // namespace secret
