// Integers in the shortest form that the binary protocols have. Knows nothing of Python.
#pragma once

#include <bit>
#include <cstdint>

#include "wire/opcodes.hpp"
#include "wire/writer.hpp"

namespace brinery::wire {

// Bytes that put_int() may touch, and put_int32().
constexpr std::size_t longest_int = 10;
constexpr std::size_t longest_int32 = 5;

// Writes an integer of 32 bits; the end of it. Without branches: which form it takes is anybody's guess.
// REQUIRES: room for longest_int32
[[gnu::always_inline]] inline std::uint8_t* put_int32(std::uint8_t* to, std::int32_t value) {
  static constexpr std::uint8_t codes[] = {op::BININT1, op::BININT2, op::BININT};
  static constexpr std::uint8_t sizes[] = {2, 3, 5};
  const auto bits = static_cast<std::uint32_t>(value);
  const int form = static_cast<int>(bits > 0xff) + static_cast<int>(bits > 0xffff);
  to[0] = codes[form];
  store_little(to + 1, bits);
  return to + sizes[form];
}

// Writes an integer; the end of it. REQUIRES: room for longest_int
[[gnu::always_inline]] inline std::uint8_t* put_int(std::uint8_t* to, long long value) {
  if (value >= INT32_MIN && value <= INT32_MAX) return put_int32(to, static_cast<std::int32_t>(value));
  // LONG1: the shortest two's complement that keeps the sign.
  const auto bits = static_cast<std::uint64_t>(value < 0 ? ~value : value);
  const auto size = static_cast<std::uint8_t>((64 - std::countl_zero(bits)) / 8 + 1);
  to[0] = op::LONG1;
  to[1] = size;
  store_little(to + 2, static_cast<std::uint64_t>(value));
  return to + 2 + size;
}

}  // namespace brinery::wire
