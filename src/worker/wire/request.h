// Request: one frame of a client, parsed, and its fields by type.
//
// It owns the JSON tree. It knows shapes (is it a string, how long), not meaning: what a name stands for
// and who may do what is the handlers' business. A getter's failure is a bad_field that names the field;
// null is a wrong type, not absence. Nested objects are never looked at.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/error.h"
#include "worker/wire/json.h"

namespace wire {

// A conversation as a client names it.
struct Address {
  char kind = '@';     // '@' a user, '#' a group
  std::string name{};  // without the mark
};

constexpr size_t longest_id = 64;

class Request {
 public:
  const std::string& op() const { return op_; }
  // The JSON text to echo; empty if there is none, or none that may be echoed.
  const std::string& id() const { return id_; }

  // Two of the checks, each at its own place in the protocol's order: unknown_op, id, login, fields.
  base::Result<void> check_id() const;
  base::Result<void> check_duplicates() const;

  bool has(const char* key) const { return member(tree_.get(), key) != nullptr; }

  // Limits of strings are in bytes, both included.
  base::Result<std::string> string(const char* key, size_t min, size_t max) const;
  base::Result<std::optional<std::string>> optional_string(const char* key, size_t min, size_t max) const;
  // As string() from 1 byte on, but above max it is text_too_long.
  base::Result<std::string> text(const char* key, size_t max) const;
  // One of a few words.
  base::Result<std::string> choice(const char* key, std::initializer_list<std::string_view> words) const;
  base::Result<std::optional<std::string>> optional_choice(
      const char* key, std::initializer_list<std::string_view> words) const;

  base::Result<int64_t> integer(const char* key, int64_t min, int64_t max = int_limit - 1) const;
  base::Result<std::optional<int64_t>> optional_integer(const char* key, int64_t min,
                                                        int64_t max = int_limit - 1) const;
  base::Result<bool> boolean(const char* key) const;
  base::Result<std::optional<bool>> optional_boolean(const char* key) const;

  base::Result<std::string> user(const char* key) const;   // "ann"
  base::Result<std::string> group(const char* key) const;  // "#lobby", given without its mark
  base::Result<Address> address(const char* key) const;    // "@ann" or "#lobby"
  base::Result<std::vector<std::string>> users(const char* key, size_t max) const;

  // Every field has been read: the tree, many times the size of its frame, goes. What waits keeps op and id.
  void forget_fields() { tree_.reset(); }

  // What a refused ack, read or typing says of itself: `conv`, or else `to`, if it is a string, be it
  // no address; of a long one the front. Else empty.
  std::string conversation_hint() const;

 private:
  friend base::Result<Request> parse(std::string_view frame, std::string& id);

  explicit Request(Json tree) : tree_(std::move(tree)) {}
  void read_id();
  base::Result<const cJSON*> required(const char* key) const;

  Json tree_;
  std::string op_;
  std::string id_;
  const char* id_fault_ = nullptr;  // why there is no id to echo though one was given
};

// bad_json or bad_frame, or the request. `id` becomes the JSON text to echo, with a failure too: empty if
// the frame has none that may be echoed. A wrong id and duplicate keys are no failure yet.
base::Result<Request> parse(std::string_view frame, std::string& id);

}  // namespace wire
