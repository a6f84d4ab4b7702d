// See envelope.h.
#include "worker/bus/envelope.h"

namespace bus {
namespace {

// Never the first byte of UTF-8 text, so that a stray word on a channel is not taken for an envelope.
constexpr unsigned char version = 0xC1;
constexpr size_t header_size = 2 + 6 * 8;

void put(std::string& out, uint64_t number) {
  for (int shift = 0; shift < 64; shift += 8) out += static_cast<char>(number >> shift & 0xff);
}

uint64_t get(std::string_view bytes, size_t at) {
  uint64_t number = 0;
  for (size_t i = 8; i-- > 0;) number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

// The numbers of a message come from the store's columns, which begin at 1.
bool plausible(const Envelope& e) {
  if (e.origin == 0 || e.conv < 0 || e.seq < 0 || e.epoch < 0 || e.from < 0 || e.to < 0) return false;
  if (e.kind == Kind::message) return e.conv > 0 && e.seq > 0 && e.from > 0;
  if (e.kind == Kind::event) return e.to > 0 || e.conv > 0;
  if (e.kind == Kind::contacts || e.kind == Kind::session_came || e.kind == Kind::session_left)
    return e.to > 0;
  if (e.kind != Kind::joined && e.kind != Kind::left) return true;
  return e.conv > 0 && e.epoch > 0 && (e.to > 0 || e.kind == Kind::left);
}

}  // namespace

std::string encode(const Envelope& envelope, std::string_view event) {
  std::string out;
  out.reserve(header_size + event.size());
  out += static_cast<char>(version);
  out += static_cast<char>(envelope.kind);
  put(out, envelope.origin);
  for (const int64_t number : {envelope.conv, envelope.seq, envelope.epoch, envelope.from, envelope.to})
    put(out, static_cast<uint64_t>(number));
  out += event;
  return out;
}

std::optional<Decoded> decode(std::string_view bytes) {
  if (bytes.size() < header_size || static_cast<unsigned char>(bytes[0]) != version) return std::nullopt;
  const auto kind = static_cast<unsigned char>(bytes[1]);
  if (kind < static_cast<uint8_t>(Kind::message) || kind > static_cast<uint8_t>(Kind::session_left))
    return std::nullopt;
  Decoded decoded;
  decoded.envelope.kind = static_cast<Kind>(kind);
  decoded.envelope.origin = get(bytes, 2);
  size_t at = 10;
  for (int64_t* number : {&decoded.envelope.conv, &decoded.envelope.seq, &decoded.envelope.epoch,
                          &decoded.envelope.from, &decoded.envelope.to}) {
    *number = static_cast<int64_t>(get(bytes, at));
    at += 8;
  }
  if (!plausible(decoded.envelope)) return std::nullopt;
  decoded.event = bytes.substr(header_size);
  return decoded;
}

std::string encode_ids(std::span<const int64_t> ids) {
  std::string out;
  out.reserve(8 * ids.size());
  for (const int64_t id : ids) put(out, static_cast<uint64_t>(id));
  return out;
}

std::vector<int64_t> decode_ids(std::string_view bytes) {
  std::vector<int64_t> ids;
  for (size_t at = 0; at + 8 <= bytes.size(); at += 8)
    if (const auto id = static_cast<int64_t>(get(bytes, at)); id > 0) ids.push_back(id);
  return ids;
}

}  // namespace bus
