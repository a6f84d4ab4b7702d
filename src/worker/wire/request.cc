// See request.h. How a frame becomes a request, its id and its duplicate keys; the getters are in
// fields.cc.
#include "worker/wire/request.h"

#include <algorithm>

#include "worker/wire/number.h"
#include "worker/wire/scan.h"
#include "worker/wire/writer.h"

namespace wire {
namespace {

constexpr size_t longest_shown = 64;  // of a peer's key or address in a reply

base::Error failure(base::Code code, std::string detail) {
  base::Error e;
  e.code = code;
  e.detail = std::move(detail);
  return e;
}

// The front of a peer's string, cut between characters.
std::string_view shown(std::string_view text) {
  if (text.size() <= longest_shown) return text;
  size_t end = longest_shown;
  while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

// The id as JSON text; empty if it is of a wrong type, out of range or too long.
std::string echo_of(const cJSON* id) {
  std::string out;
  if (const auto number = as_integer(id))
    Writer(out).integer(*number);
  else if (const auto string = as_string(id); string && string->size() <= longest_id)
    Writer(out).string(*string);
  return out;
}

}  // namespace

void Request::read_id() {
  const cJSON* id = nullptr;
  for (const cJSON* m = first_member(tree_.get()); m != nullptr; m = next_member(m)) {
    if (key_of(m) != "id") continue;
    if (id != nullptr) {
      id_fault_ = "is given twice";
      return;
    }
    id = m;
  }
  if (id == nullptr) return;
  id_ = echo_of(id);
  if (id_.empty()) id_fault_ = "must be an integer or a string of at most 64 bytes";
}

base::Result<void> Request::check_id() const {
  if (id_fault_ == nullptr) return base::ok();
  return base::bad_field("id", id_fault_);
}

base::Result<void> Request::check_duplicates() const {
  std::vector<std::string_view> keys;
  keys.reserve(8);
  for (const cJSON* m = first_member(tree_.get()); m != nullptr; m = next_member(m))
    keys.push_back(key_of(m));
  std::sort(keys.begin(), keys.end());
  const auto twice = std::adjacent_find(keys.begin(), keys.end());
  if (twice == keys.end()) return base::ok();
  return base::bad_field(shown(*twice), "is given twice");
}

std::string Request::conversation_hint() const {
  for (const char* key : {"conv", "to"}) {
    const cJSON* m = member(tree_.get(), key);
    if (m == nullptr) continue;
    const auto value = as_string(m);
    return value ? std::string(shown(*value)) : std::string();
  }
  return {};
}

base::Result<Request> parse(std::string_view frame, std::string& id) {
  id.clear();
  const Scan seen = scan(frame);
  if (!seen) return failure(base::Code::bad_json, seen.detail());
  Json tree = seen.odd_numbers ? json_tree(plain_numbers(frame)) : json_tree(frame);
  if (!tree) return base::internal("cJSON refuses what the scan took");
  if (!is_object(tree.get())) return failure(base::Code::bad_frame, "not an object");

  Request request(std::move(tree));
  request.read_id();
  id = request.id_;
  const cJSON* op = member(request.tree_.get(), "op");
  if (op == nullptr) return failure(base::Code::bad_frame, "no op");
  const auto word = as_string(op);
  if (!word) return failure(base::Code::bad_frame, "op must be a string");
  request.op_ = *word;
  return request;
}

}  // namespace wire
