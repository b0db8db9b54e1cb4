// Reading little-endian arguments out of a run of bytes whose end is known. Knows nothing of Python.
//
// This is the one place where bounds are checked: everything else asks has() or line_end() first.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace brinery::wire {

template <class Integer>
inline Integer load_little(const std::uint8_t* from) {
  Integer value;
  std::memcpy(&value, from, sizeof value);
  if constexpr (std::endian::native == std::endian::big) {
    std::uint8_t bytes[sizeof value];
    for (std::size_t i = 0; i < sizeof value; ++i) bytes[i] = from[sizeof value - 1 - i];
    std::memcpy(&value, bytes, sizeof value);
  }
  return value;
}

inline double load_big_double(const std::uint8_t* from) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, from, sizeof bits);
  if constexpr (std::endian::native == std::endian::little) bits = __builtin_bswap64(bits);
  return std::bit_cast<double>(bits);
}

struct Reader {
  const std::uint8_t* cursor = nullptr;
  const std::uint8_t* end = nullptr;

  [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(end - cursor); }
  [[nodiscard]] bool has(std::size_t n) const { return left() >= n; }
  // The byte after the next newline, or null when there is none.
  [[nodiscard]] const std::uint8_t* line_end() const {
    if (cursor == end) return nullptr;
    const void* found = std::memchr(cursor, '\n', left());
    return found != nullptr ? static_cast<const std::uint8_t*>(found) + 1 : nullptr;
  }
  // REQUIRES: has(sizeof(Integer))
  template <class Integer>
  Integer take() {
    const auto value = load_little<Integer>(cursor);
    cursor += sizeof(Integer);
    return value;
  }
};

}  // namespace brinery::wire
