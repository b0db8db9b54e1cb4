#include "wire/argument.hpp"

#include "wire/opcodes.hpp"
#include "wire/reader.hpp"

namespace brinery::wire {

namespace {

// How many bytes in front of a counted argument say how many.
constexpr std::size_t count_size(Argument argument) {
  switch (argument) {
    case Argument::counted1: return 1;
    case Argument::counted4:
    case Argument::counted_i4: return 4;
    case Argument::counted8: return 8;
    default: return 0;
  }
}

constexpr std::size_t fixed_size(Argument argument) {
  switch (argument) {
    case Argument::u1: return 1;
    case Argument::u2: return 2;
    case Argument::i4:
    case Argument::u4: return 4;
    case Argument::u8:
    case Argument::f8: return 8;
    default: return 0;
  }
}

std::uint64_t count_at(const std::uint8_t* at, std::size_t size) {
  return size == 1 ? *at : size == 4 ? load_little<std::uint32_t>(at) : load_little<std::uint64_t>(at);
}

std::string_view view(const std::uint8_t* from, std::size_t size) {
  return {reinterpret_cast<const char*>(from), size};
}

// Behind that many lines, or null where there are not so many.
const std::uint8_t* behind_lines(const std::uint8_t* from, const std::uint8_t* end, int lines) {
  for (; lines > 0 && from != nullptr; --lines) from = Reader{from, end}.line_end();
  return from;
}

std::string_view line_at(const std::uint8_t* from, const std::uint8_t* end) {
  const std::uint8_t* next = behind_lines(from, end, 1);
  return view(from, next != nullptr ? static_cast<std::size_t>(next - from) - 1 : 0);
}

}  // namespace

std::size_t opcode_size(const std::uint8_t* opcode, const std::uint8_t* end) {
  if (opcode == end || opcodes[*opcode].name.empty()) return 0;
  const Reader behind{opcode + 1, end};
  const Argument argument = opcodes[*opcode].argument;
  if (argument == Argument::line || argument == Argument::two_lines) {
    const std::uint8_t* next = behind_lines(behind.cursor, end, argument == Argument::line ? 1 : 2);
    return next != nullptr ? static_cast<std::size_t>(next - opcode) : 0;
  }
  const std::size_t counter = count_size(argument);
  const std::size_t fixed = counter + fixed_size(argument);
  if (!behind.has(fixed)) return 0;
  if (counter == 0) return 1 + fixed;
  const std::uint64_t count = count_at(behind.cursor, counter);
  return count <= behind.left() - counter ? 1 + counter + static_cast<std::size_t>(count) : 0;
}

std::string_view argument_of(const std::uint8_t* opcode, const std::uint8_t* end) {
  const std::uint8_t* at = opcode + 1;
  const Argument argument = opcodes[*opcode].argument;
  if (argument == Argument::line || argument == Argument::two_lines) return line_at(at, end);
  if (const std::size_t counter = count_size(argument); counter != 0) {
    return view(at + counter, static_cast<std::size_t>(count_at(at, counter)));
  }
  return view(at, fixed_size(argument));
}

std::string_view second_line_of(const std::uint8_t* opcode, const std::uint8_t* end) {
  const std::uint8_t* at = behind_lines(opcode + 1, end, 1);
  return at != nullptr ? line_at(at, end) : std::string_view();
}

}  // namespace brinery::wire
