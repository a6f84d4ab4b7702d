// See cells.h.
#include "client/cells.h"

#include <cwchar>
#include <cwctype>

namespace client {
namespace {

int cells(wchar_t c) {
  if (c < 0x20 || c == 0x7F) return 2;  // ^A
  if (iswprint(static_cast<wint_t>(c))) return wcwidth(c);
  return c > 0xFFFF ? 8 : 7;  // \U+12345
}

}  // namespace

Place after(Place from, std::wstring_view text, int width) {
  for (const wchar_t c : text) {
    const int n = cells(c);
    if (from.column + n > width) from = {from.row + 1, 0};  // a wide character is never cut
    from.column += n;
    if (from.column >= width) from = {from.row + 1, from.column - width};
  }
  return from;
}

}  // namespace client
