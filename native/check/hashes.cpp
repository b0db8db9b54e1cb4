#include "check/hashes.hpp"

#include <bit>
#include <cmath>
#include <functional>
#include <ranges>

namespace brinery::checker {

namespace {

constexpr int bits = 61;
constexpr std::uint64_t modulus = (std::uint64_t{1} << bits) - 1;

std::uint64_t reduced(std::uint64_t value) {
  value = (value & modulus) + (value >> bits);
  return value >= modulus ? value - modulus : value;
}

// value * 2**shift
std::uint64_t shifted(std::uint64_t value, int shift) {
  return shift == 0 ? value : ((value << shift) & modulus) | value >> (bits - shift);
}

std::uint64_t with_sign(std::uint64_t hash, bool negative) {
  if (negative) hash = ~hash + 1;
  return hash == ~std::uint64_t{0} ? hash - 1 : hash;  // -1 means an error
}

int digit_of(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  const char lower = static_cast<char>(letter | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

std::uint64_t hash_integer(std::int64_t value) {
  const bool negative = value < 0;
  const auto magnitude = negative ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value);
  return with_sign(reduced(magnitude), negative);
}

std::uint64_t hash_float(double value) {
  if (std::isnan(value)) return 0;
  if (std::isinf(value)) return with_sign(314159, value < 0);
  constexpr int step = 28;
  int exponent = 0;
  double mantissa = std::frexp(std::fabs(value), &exponent);
  std::uint64_t hash = 0;
  while (mantissa != 0) {
    hash = shifted(hash, step);
    mantissa *= 1 << step;
    exponent -= step;
    const auto whole = static_cast<std::uint64_t>(mantissa);
    mantissa -= static_cast<double>(whole);
    hash = reduced(hash + whole);
  }
  const int shift = exponent >= 0 ? exponent % bits : bits - 1 - (-1 - exponent) % bits;
  return with_sign(shifted(hash, shift), value < 0);
}

std::uint64_t hash_wide_integer(std::string_view bytes) {
  const bool negative = !bytes.empty() && (static_cast<std::uint8_t>(bytes.back()) & 0x80) != 0;
  std::uint64_t hash = 0;
  // of the complement, which is one less than the magnitude
  for (const char byte : std::views::reverse(bytes)) {
    hash = reduced(shifted(hash, 8) + static_cast<std::uint8_t>(negative ? ~byte : byte));
  }
  return with_sign(negative ? reduced(hash + 1) : hash, negative);
}

std::uint64_t hash_integer_text(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || (text.front() >= '\t' && text.front() <= '\r')))
    text.remove_prefix(1);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  unsigned base = 10;
  if (text.size() > 1 && text[0] == '0' && digit_of(text[1]) != 0) {
    const char letter = static_cast<char>(text[1] | 0x20);
    base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
    text.remove_prefix(1);
    if (letter == 'x' || letter == 'b' || letter == 'o') text.remove_prefix(1);
  }
  std::uint64_t hash = 0;
  for (const char letter : text) {
    if (letter == '_') continue;
    const int digit = digit_of(letter);
    if (digit < 0) break;
    std::uint64_t product = 0;
    for (int place = 0; base >> place != 0; ++place) {
      if ((base >> place & 1) != 0) product = reduced(product + shifted(hash, place));
    }
    hash = reduced(product + static_cast<std::uint64_t>(digit));
  }
  return with_sign(hash, negative);
}

std::uint64_t hash_text(std::string_view text) {
  constexpr std::size_t end = 64;
  const std::hash<std::string_view> hash;
  if (text.size() <= 2 * end) return hash(text);
  return hash(text.substr(0, end)) ^ std::rotl(hash(text.substr(text.size() - end)), 1) ^ text.size();
}

std::uint64_t fold_tuple_hash(std::uint64_t hash, std::uint64_t item) {
  constexpr std::uint64_t prime1 = 11400714785074694791U;
  constexpr std::uint64_t prime2 = 14029467366897019727U;
  return std::rotl(hash + item * prime2, 31) * prime1;
}

std::uint64_t end_tuple_hash(std::uint64_t hash, std::uint64_t size) {
  constexpr std::uint64_t prime5 = 2870177450012600261U;
  hash += size ^ (prime5 ^ 3527539U);
  return hash == ~std::uint64_t{0} ? 1546275796U : hash;
}

std::uint64_t fold_set_hash(std::uint64_t hash, std::uint64_t item) {
  return hash ^ ((item ^ 89869747U ^ item << 16) * 3644798167U);
}

}  // namespace brinery::checker
