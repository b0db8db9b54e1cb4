#include "check/numeral.hpp"

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <string>

namespace brinery::checker {

namespace {

constexpr bool is_space(char letter) { return letter == ' ' || (letter >= '\t' && letter <= '\r'); }
constexpr bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

// As the C functions that the decoder calls see it: up to the first null.
std::string_view to_null(std::string_view line) { return line.substr(0, line.find('\0')); }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

int digit_in(char letter, int base) {
  const int value = is_digit(letter)                 ? letter - '0'
                    : letter >= 'a' && letter <= 'z' ? letter - 'a' + 10
                    : letter >= 'A' && letter <= 'Z' ? letter - 'A' + 10
                                                     : base;
  return value < base ? value : -1;
}

// Takes the 0x, 0o or 0b off the front and says the base; 10 without one.
int take_base(std::string_view& digits) {
  if (digits.size() < 2 || digits[0] != '0') return 10;
  const char letter = static_cast<char>(digits[1] | 0x20);
  const int base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 10;
  if (base == 10) return base;
  digits.remove_prefix(2);
  if (!digits.empty() && digits.front() == '_') digits.remove_prefix(1);
  return base;
}

// Digits with single underscores between them, and what they come to.
bool read_digits(std::string_view text, int base, ReadNumeral& read, bool negative) {
  constexpr std::uint64_t limit = std::uint64_t{1} << 63;
  std::uint64_t value = 0;
  bool wide = false, nonzero = false;
  if (text.empty() || text.back() == '_') return false;
  bool after_digit = false;
  for (const char letter : text) {
    if (letter == '_') {
      if (!after_digit) return false;
      after_digit = false;
      continue;
    }
    const int digit = digit_in(letter, base);
    if (digit < 0) return false;
    after_digit = true;
    ++read.digits;
    nonzero = nonzero || digit != 0;
    const auto factor = static_cast<std::uint64_t>(base);
    wide = wide || value > limit / factor;
    value = value * factor + static_cast<std::uint64_t>(digit);
    wide = wide || value > limit;
  }
  wide = wide || (value == limit && !negative);
  read.what = wide ? Numeral::big : Numeral::integer;
  read.value = static_cast<std::int64_t>(negative ? ~value + 1 : value);
  if (base != 10) read.digits = 0;
  return true;
}

// What int(text, base) reads; base 0: as in source code.
ReadNumeral read_integer(std::string_view line, int base) {
  std::string_view text = trimmed(to_null(line));
  bool negative = false;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  const bool as_source = base == 0;
  const bool zero_first = !text.empty() && text.front() == '0';
  if (as_source) base = take_base(text);
  ReadNumeral read;
  if (!read_digits(text, base, read, negative)) return {};
  // 010 is no number in source code, 00 is
  if (as_source && base == 10 && zero_first && (read.what == Numeral::big || read.value != 0)) return {};
  return read;
}

bool is_word(std::string_view text, std::string_view word) {
  if (text.size() != word.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((text[i] | 0x20) != word[i]) return false;
  }
  return true;
}

// Whether the text is a decimal number with nothing around it.
bool is_decimal(std::string_view text) {
  std::size_t i = 0, digits = 0;
  const auto skip_digits = [&] {
    const std::size_t from = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i - from;
  };
  digits = skip_digits();
  if (i < text.size() && text[i] == '.') {
    ++i;
    digits += skip_digits();
  }
  if (digits == 0) return false;
  if (i < text.size() && (text[i] | 0x20) == 'e') {
    ++i;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    if (skip_digits() == 0) return false;
  }
  return i == text.size();
}

// Of two numbers that a double cannot hold, whether it is the one that is too large.
bool is_large(std::string_view decimal) {
  const std::size_t exponent_at = decimal.find_first_of("eE");
  const std::string_view mantissa = decimal.substr(0, exponent_at);
  std::int64_t place = 0;
  bool counting = false, behind_point = false;
  for (const char letter : mantissa) {
    if (letter == '.') {
      behind_point = true;
      continue;
    }
    counting = counting || letter != '0';
    if (behind_point ? !counting : counting) place += behind_point ? -1 : 1;
  }
  if (exponent_at == std::string_view::npos) return place > 0;
  std::string_view exponent = decimal.substr(exponent_at + 1);
  const bool negative = exponent.front() == '-';
  if (exponent.front() == '-' || exponent.front() == '+') exponent.remove_prefix(1);
  std::int64_t shift = 0;
  for (const char letter : exponent) shift = shift > INT64_MAX / 100 ? shift : shift * 10 + (letter - '0');
  return (negative ? place - shift : place + shift) > 0;
}

}  // namespace

ReadNumeral read_int(std::string_view line) {
  const std::string text(to_null(line));
  char* end = nullptr;
  errno = 0;
  const long value = std::strtol(text.c_str(), &end, 0);
  if (errno == 0 && *end == '\0') {
    const bool truth = line.size() == 2 && (value == 0 || value == 1);
    return {.what = truth ? Numeral::boolean : Numeral::integer, .value = value};
  }
  return read_integer(line, 0);
}

ReadNumeral read_long(std::string_view line) {
  if (line.back() == 'L') line.remove_suffix(1);
  return read_integer(line, 0);
}

ReadNumeral read_index(std::string_view line) { return read_integer(line, 10); }

ReadNumeral read_float(std::string_view line) {
  std::string_view text = to_null(line);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  ReadNumeral read{.what = Numeral::number};
  if (is_word(text, "nan")) {
    read.number = std::numeric_limits<double>::quiet_NaN();
  } else if (is_word(text, "inf") || is_word(text, "infinity")) {
    read.number = std::numeric_limits<double>::infinity();
  } else if (!is_decimal(text)) {
    read.what = Numeral::broken;
  } else {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), read.number);
    if (parsed.ec == std::errc::result_out_of_range && is_large(text)) read.what = Numeral::overflow;
  }
  if (negative) read.number = -read.number;
  return read;
}

}  // namespace brinery::checker
