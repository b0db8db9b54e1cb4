// Text as pickles spell it: which bytes are text, and what escapes stand for. Knows nothing of Python.
//
// The grammar is that of CPython's decoders, which the decoder calls: the checker must refuse what they refuse.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace brinery::checker {

// Whether all bytes are below 0x80.
inline bool is_ascii(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t high_bits = 0x8080808080808080U;
  const auto word_at = [&](std::size_t at) {
    std::uint64_t word = 0;
    std::memcpy(&word, data + at, sizeof word);
    return word;
  };
  std::uint64_t seen = 0;
  if (size >= 8) {
    for (std::size_t i = 0; i + 8 < size; i += 8) seen |= word_at(i);
    return ((seen | word_at(size - 8)) & high_bits) == 0;
  }
  for (std::size_t i = 0; i < size; ++i) seen |= data[i];
  return (seen & 0x80) == 0;
}

// Whether the bytes are UTF-8; with `surrogates`, three bytes may stand for one of those.
bool is_utf8(const std::uint8_t* data, std::size_t size, bool surrogates);

enum class Escapes : std::uint8_t { ascii, high, broken };
// What the body of a STRING line decodes to; `to` may be null.
Escapes unescape_bytes(std::string_view body, std::string* to);
// The text of a UNICODE line, as UTF-8 with surrogates, appended to `to`, which may be null. False: broken.
bool unescape_text(std::string_view line, std::string* to);

}  // namespace brinery::checker
