// See reply.h.
#include "worker/redis/reply.h"

#include <hiredis/hiredis.h>

namespace redis {

bool Reply::is_error() const {
  return raw_ != nullptr && raw_->type == REDIS_REPLY_ERROR;
}

std::string_view Reply::text() const {
  if (raw_ == nullptr || raw_->str == nullptr) return {};
  switch (raw_->type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_ERROR:
      return {raw_->str, raw_->len};
    default:
      return {};
  }
}

int64_t Reply::integer() const {
  return raw_ != nullptr && raw_->type == REDIS_REPLY_INTEGER ? raw_->integer : 0;
}

size_t Reply::size() const {
  return raw_ != nullptr && raw_->type == REDIS_REPLY_ARRAY ? raw_->elements : 0;
}

Reply Reply::operator[](size_t index) const {
  return index < size() ? Reply(raw_->element[index]) : Reply();
}

}  // namespace redis
