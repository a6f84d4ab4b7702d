// Cells: where on a terminal a text ends, counted as libedit draws it. Pure.
#pragma once

#include <string_view>

namespace client {

struct Place {
  int row = 0;
  int column = 0;
};

// Where the cursor stands after `text`, drawn from `from` on a terminal `width` columns wide.
Place after(Place from, std::wstring_view text, int width);

}  // namespace client
