// The bytes behind an opcode, wherever it is in a stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace brinery::wire {

// The bytes that an opcode takes with its argument; 0 where it is none, or not whole.
std::size_t opcode_size(const std::uint8_t* opcode, const std::uint8_t* end);

// The argument of a whole opcode, without length or newline; of two lines, the first.
std::string_view argument_of(const std::uint8_t* opcode, const std::uint8_t* end);
// The second line of a GLOBAL or INST.
std::string_view second_line_of(const std::uint8_t* opcode, const std::uint8_t* end);

}  // namespace brinery::wire
