// Integers in the shortest form that the binary protocols have. Knows nothing of Python.
#pragma once

#include <bit>
#include <cstdint>

#include "wire/opcodes.hpp"
#include "wire/writer.hpp"

namespace brinery::wire {

// Bytes that put_int() may touch.
constexpr std::size_t longest_int = 10;

// Writes an integer; the end of it. REQUIRES: room for longest_int
[[gnu::always_inline]] inline std::uint8_t* put_int(std::uint8_t* to, long long value) {
  if (value >= 0 && value <= 0xff) {
    to[0] = op::BININT1;
    to[1] = static_cast<std::uint8_t>(value);
    return to + 2;
  }
  if (value >= 0 && value <= 0xffff) {
    to[0] = op::BININT2;
    store_little(to + 1, static_cast<std::uint16_t>(value));
    return to + 3;
  }
  if (value >= INT32_MIN && value <= INT32_MAX) {
    to[0] = op::BININT;
    store_little(to + 1, static_cast<std::int32_t>(value));
    return to + 5;
  }
  // LONG1: the shortest two's complement that keeps the sign.
  const auto bits = static_cast<std::uint64_t>(value < 0 ? ~value : value);
  const auto size = static_cast<std::uint8_t>((64 - std::countl_zero(bits)) / 8 + 1);
  to[0] = op::LONG1;
  to[1] = size;
  store_little(to + 2, static_cast<std::uint64_t>(value));
  return to + 2 + size;
}

}  // namespace brinery::wire
