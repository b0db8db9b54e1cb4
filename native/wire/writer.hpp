// A growing run of bytes: a cursor, a limit, and somebody who makes room. Knows nothing of Python.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace brinery::wire {

template <class Integer>
inline void store_little(std::uint8_t* to, Integer value) {
  if constexpr (std::endian::native == std::endian::big) {
    for (std::size_t i = 0; i < sizeof value; ++i) to[i] = static_cast<std::uint8_t>(value >> (8 * i));
  } else {
    std::memcpy(to, &value, sizeof value);
  }
}

inline void store_big_double(std::uint8_t* to, double value) {
  auto bits = std::bit_cast<std::uint64_t>(value);
  if constexpr (std::endian::native == std::endian::little) bits = __builtin_bswap64(bits);
  std::memcpy(to, &bits, sizeof bits);
}

// Names and words are up to this long, by far most of them.
constexpr std::size_t copy_width = 32;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool may_read_past = false;
#else
constexpr bool may_read_past = true;
#endif

// memcpy for what is usually short. How long is anybody's guess, so that it goes without a branch on that: more is
// read than there is, though never past the end of a page, and put behind the copy as far as there is `room`.
// REQUIRES: room for `size`
inline void copy_short(std::uint8_t* to, const void* from, std::size_t size, std::size_t room) {
  constexpr std::uintptr_t page = 4096;  // or a multiple
  const bool within_page = (reinterpret_cast<std::uintptr_t>(from) & (page - 1)) <= page - copy_width;
  if (size <= copy_width && room >= copy_width && within_page && may_read_past) [[likely]] {
    std::memcpy(to, from, copy_width);
  } else {
    std::memcpy(to, from, size);
  }
}

// memcpy without a call for what is usually short, to where there is room for no more than that.
inline void copy_exactly(std::uint8_t* to, const void* from, std::size_t size) {
  if (size > copy_width) {
    std::memcpy(to, from, size);
    return;
  }
  const auto* bytes = static_cast<const std::uint8_t*>(from);
  const auto copy = [&]<class Word>(Word) {
    Word first, last;
    std::memcpy(&first, bytes, sizeof first);
    std::memcpy(&last, bytes + size - sizeof last, sizeof last);
    std::memcpy(to, &first, sizeof first);
    std::memcpy(to + size - sizeof last, &last, sizeof last);
  };
  if (size > 16) {
    struct Words {
      std::uint64_t low, high;
    };
    copy(Words{});
  } else if (size >= 8) {
    copy(std::uint64_t{});
  } else if (size >= 4) {
    copy(std::uint32_t{});
  } else if (size >= 2) {
    copy(std::uint16_t{});
  } else if (size == 1) {
    *to = *bytes;
  }
}

class Writer {
 public:
  Writer() = default;
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  virtual ~Writer() = default;

  // At least n writable bytes from the returned pointer on; advance() says how many were used. Called once per
  // opcode with all of its bytes, so that what is between two calls is always whole opcodes.
  std::uint8_t* reserve(std::size_t n) {
    if (static_cast<std::size_t>(limit_ - cursor_) < n) [[unlikely]]
      make_room(n);
    return cursor_;
  }
  void advance(std::size_t n) { cursor_ += n; }
  // Where the next byte goes. REQUIRES: room() for what is put there
  [[nodiscard]] std::uint8_t* cursor() const { return cursor_; }
  // How many bytes can be had without make_room().
  [[nodiscard]] std::size_t room() const { return static_cast<std::size_t>(limit_ - cursor_); }

  void op(std::uint8_t code) {
    *reserve(1) = code;
    advance(1);
  }
  // `count` times the same opcode.
  void ops(std::uint8_t code, std::size_t count) {
    for (; count > 0; --count) op(code);
  }
  void op(std::uint8_t first, std::uint8_t second) {
    std::uint8_t* to = reserve(2);
    to[0] = first;
    to[1] = second;
    advance(2);
  }
  void op_u8(std::uint8_t code, std::uint8_t argument) { op(code, argument); }
  template <class Integer>
  void op_little(std::uint8_t code, Integer argument) {
    std::uint8_t* to = reserve(1 + sizeof argument);
    to[0] = code;
    store_little(to + 1, argument);
    advance(1 + sizeof argument);
  }
  void op_bytes(std::uint8_t code, const void* data, std::size_t size) {
    std::uint8_t* to = reserve(1 + size);
    to[0] = code;
    if (size != 0) std::memcpy(to + 1, data, size);
    advance(1 + size);
  }
  void bytes(const void* data, std::size_t size) {
    std::uint8_t* to = reserve(size);
    if (size != 0) std::memcpy(to, data, size);
    advance(size);
  }

 protected:
  // Makes limit_ - cursor_ at least n, or throws.
  virtual void make_room(std::size_t n) = 0;

  std::uint8_t* cursor_ = nullptr;
  std::uint8_t* limit_ = nullptr;
};

}  // namespace brinery::wire
