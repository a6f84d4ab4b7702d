// How every part of conf says no: an Error whose detail is what was expected. The caller knows the file,
// the line and the directive, and puts them in front.
#pragma once

#include <string_view>

#include "common/base/error.h"

namespace conf {

inline base::Error expected(std::string_view what) {
  base::Error error;
  error.code = base::Code::bad_field;
  error.detail = "expected ";
  error.detail += what;
  return error;
}

}  // namespace conf
