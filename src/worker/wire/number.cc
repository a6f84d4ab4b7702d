// See number.h. Decimal arithmetic on the digits themselves: a number is digits times a power of ten.
#include "worker/wire/number.h"

#include <cstdint>

namespace wire {
namespace {

constexpr int64_t exponent_limit = 1'000'000'000;  // beyond any count of digits that fits into a frame
constexpr size_t most_digits = 18;                 // fits an int64_t, and is above 2^53

// The exponent behind e or E; saturates.
int64_t exponent_of(std::string_view text) {
  const bool minus = text[0] == '-';
  if (minus || text[0] == '+') text.remove_prefix(1);
  int64_t n = 0;
  for (char c : text)
    if (n < exponent_limit) n = n * 10 + (c - '0');
  return minus ? -n : n;
}

// value = digits * 10^power, without a zero at either end of the digits.
struct Decimal {
  std::string digits;
  int64_t power = 0;
};

Decimal decimal_of(std::string_view number) {
  Decimal d;
  const size_t e = number.find_first_of("eE");
  if (e != std::string_view::npos) d.power = exponent_of(number.substr(e + 1));
  const std::string_view mantissa = number.substr(0, e);
  const size_t point = mantissa.find('.');
  d.digits = mantissa.substr(0, point);
  if (point != std::string_view::npos) {
    d.digits += mantissa.substr(point + 1);
    d.power -= static_cast<int64_t>(mantissa.size() - point - 1);
  }
  d.digits.erase(0, d.digits.find_first_not_of('0'));
  const size_t kept = d.digits.find_last_not_of('0') + 1;
  d.power += static_cast<int64_t>(d.digits.size() - kept);
  d.digits.resize(kept);
  return d;
}

void append_plain(std::string& out, std::string_view number) {
  const bool minus = number[0] == '-';
  const Decimal d = decimal_of(minus ? number.substr(1) : number);
  if (d.digits.empty()) {
    out += '0';
  } else if (d.power < 0) {
    out += "0.5";
  } else {
    if (minus) out += '-';
    if (d.digits.size() + static_cast<size_t>(d.power) > most_digits)
      out += "1e999";
    else
      out.append(d.digits).append(static_cast<size_t>(d.power), '0');
  }
}

// The index behind the string that begins at i.
size_t string_end(std::string_view json, size_t i) {
  for (++i; json[i] != '"'; ++i)
    if (json[i] == '\\') ++i;
  return i + 1;
}

}  // namespace

std::string plain_numbers(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (size_t i = 0; i < json.size();) {
    size_t end = i + 1;
    if (json[i] == '"') {
      end = string_end(json, i);
    } else if (json[i] == '-' || (json[i] >= '0' && json[i] <= '9')) {
      end = json.find_first_not_of("+-.0123456789eE", i);
      if (end == std::string_view::npos) end = json.size();
      append_plain(out, json.substr(i, end - i));
      i = end;
      continue;
    }
    out += json.substr(i, end - i);
    i = end;
  }
  return out;
}

}  // namespace wire
