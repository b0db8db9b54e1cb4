#include "check/text.hpp"

namespace brinery::checker {

namespace {

constexpr bool is_continuation(std::uint8_t byte) { return (byte & 0xc0) == 0x80; }

// How many bytes the character at the front takes; 0 where it is none.
std::size_t character_size(const std::uint8_t* at, std::size_t left, bool surrogates) {
  const std::uint8_t lead = at[0];
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const std::size_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (left < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if (!is_continuation(at[i])) return 0;
  }
  if ((lead == 0xe0 && at[1] < 0xa0) || (lead == 0xf0 && at[1] < 0x90) || (lead == 0xf4 && at[1] > 0x8f)) return 0;
  if (lead == 0xed && at[1] > 0x9f && !surrogates) return 0;
  return size;
}

int digit_value(char letter, int base) {
  const int value = letter >= '0' && letter <= '9'   ? letter - '0'
                    : letter >= 'a' && letter <= 'f' ? letter - 'a' + 10
                    : letter >= 'A' && letter <= 'F' ? letter - 'A' + 10
                                                     : base;
  return value < base ? value : -1;
}

// Reads up to `most` digits; how many there were.
std::size_t take_digits(std::string_view text, std::size_t at, std::size_t most, int base, std::uint32_t& value) {
  std::size_t taken = 0;
  value = 0;
  while (taken < most && at + taken < text.size()) {
    const int digit = digit_value(text[at + taken], base);
    if (digit < 0) break;
    value = value * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(digit);
    ++taken;
  }
  return taken;
}

void append_utf8(std::string& to, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { to += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xc0 | code >> 6);
  } else {
    if (code < 0x10000) {
      put(0xe0 | code >> 12);
    } else {
      put(0xf0 | code >> 18);
      put(0x80 | (code >> 12 & 0x3f));
    }
    put(0x80 | (code >> 6 & 0x3f));
  }
  put(0x80 | (code & 0x3f));
}

}  // namespace

bool is_utf8(const std::uint8_t* data, std::size_t size, bool surrogates) {
  if (is_ascii(data, size)) return true;
  while (size > 0) {
    // most of what is not ASCII is so here and there
    constexpr std::size_t stretch = 32;
    if (size >= stretch && is_ascii(data, stretch)) {
      data += stretch;
      size -= stretch;
      continue;
    }
    const std::size_t step = character_size(data, size, surrogates);
    if (step == 0) return false;
    data += step;
    size -= step;
  }
  return true;
}

Escapes unescape_bytes(std::string_view body, std::string* to) {
  std::uint32_t all = 0;
  const auto put = [&](std::uint32_t byte) {
    all |= byte;
    if (to != nullptr) *to += static_cast<char>(byte);
  };
  constexpr std::string_view named = "\\'\"abfnrtv\n";
  constexpr std::string_view meanings = "\\'\"\a\b\f\n\r\t\v";
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body[i] != '\\') {
      put(static_cast<std::uint8_t>(body[i]));
      continue;
    }
    if (++i == body.size()) return Escapes::broken;
    std::uint32_t value = 0;
    if (const std::size_t known = named.find(body[i]); known != std::string_view::npos) {
      if (known < meanings.size()) put(static_cast<std::uint8_t>(meanings[known]));
    } else if (const std::size_t octal = take_digits(body, i, 3, 8, value); octal > 0) {
      put(value & 0xff);
      i += octal - 1;
    } else if (body[i] == 'x') {
      if (take_digits(body, i + 1, 2, 16, value) != 2) return Escapes::broken;
      put(value);
      i += 2;
    } else {
      put('\\');
      put(static_cast<std::uint8_t>(body[i]));
    }
  }
  return all < 0x80 ? Escapes::ascii : Escapes::high;
}

bool unescape_text(std::string_view line, std::string* to) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    std::uint32_t code = static_cast<std::uint8_t>(line[i]);
    if (line[i] == '\\' && i + 1 < line.size()) {
      const char next = line[++i];
      const std::size_t digits = next == 'u' ? 4 : next == 'U' ? 8 : 0;
      if (digits == 0) {
        if (to != nullptr) *to += '\\';
        code = static_cast<std::uint8_t>(next);
      } else {
        if (take_digits(line, i + 1, digits, 16, code) != digits || code > 0x10ffff) return false;
        i += digits;
      }
    }
    if (to != nullptr) append_utf8(*to, code);
  }
  return true;
}

}  // namespace brinery::checker
