// What the store's answer may come down to for who asked: one wording for each, whichever table was asked.
#pragma once

#include <string>

#include "common/base/error.h"
#include "worker/store/send.h"

namespace store {

base::Error no_such_user(const std::string& name);  // names without their marks
base::Error no_such_group(const std::string& name);
base::Error not_member(const std::string& name);
base::Error forbidden(std::string_view why);
base::Error blocked();
base::Error not_allowed(const Send& send);  // a member of two may always write, but for a block
base::Error too_many(std::string_view why, std::string_view directive);

}  // namespace store
