// The pickle opcodes, protocols 0-5: the one table that reader, writer and error messages share.
//
// Source: CPython Lib/pickletools.py (names, arguments), PEP 307 (protocol 2), PEP 3154 (protocol 4),
// PEP 574 (protocol 5).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace brinery::wire {

// How the bytes that follow an opcode are laid out; all integers are little-endian unless said otherwise.
enum class Argument : std::uint8_t {
  none,
  u1,          // one byte
  u2,          // two bytes
  i4,          // four bytes, signed
  u4,          // four bytes
  u8,          // eight bytes
  f8,          // eight bytes, IEEE 754, big-endian
  line,        // text up to a newline
  two_lines,   // two newline-terminated texts
  counted1,    // one-byte length, then that many bytes
  counted4,    // four-byte length, then that many bytes
  counted8,    // eight-byte length, then that many bytes
  counted_i4,  // four-byte signed length that must not be negative, then that many bytes
};

// name, code, argument, first protocol
#define BRINERY_OPCODES(X)               \
  X(MARK, '(', none, 0)                  \
  X(STOP, '.', none, 0)                  \
  X(POP, '0', none, 0)                   \
  X(POP_MARK, '1', none, 1)              \
  X(DUP, '2', none, 0)                   \
  X(FLOAT, 'F', line, 0)                 \
  X(INT, 'I', line, 0)                   \
  X(BININT, 'J', i4, 1)                  \
  X(BININT1, 'K', u1, 1)                 \
  X(LONG, 'L', line, 0)                  \
  X(BININT2, 'M', u2, 1)                 \
  X(NONE, 'N', none, 0)                  \
  X(PERSID, 'P', line, 0)                \
  X(BINPERSID, 'Q', none, 1)             \
  X(REDUCE, 'R', none, 0)                \
  X(STRING, 'S', line, 0)                \
  X(BINSTRING, 'T', counted_i4, 1)       \
  X(SHORT_BINSTRING, 'U', counted1, 1)   \
  X(UNICODE, 'V', line, 0)               \
  X(BINUNICODE, 'X', counted4, 1)        \
  X(APPEND, 'a', none, 0)                \
  X(BUILD, 'b', none, 0)                 \
  X(GLOBAL, 'c', two_lines, 0)           \
  X(DICT, 'd', none, 0)                  \
  X(EMPTY_DICT, '}', none, 1)            \
  X(APPENDS, 'e', none, 1)               \
  X(GET, 'g', line, 0)                   \
  X(BINGET, 'h', u1, 1)                  \
  X(INST, 'i', two_lines, 0)             \
  X(LONG_BINGET, 'j', u4, 1)             \
  X(LIST, 'l', none, 0)                  \
  X(EMPTY_LIST, ']', none, 1)            \
  X(OBJ, 'o', none, 1)                   \
  X(PUT, 'p', line, 0)                   \
  X(BINPUT, 'q', u1, 1)                  \
  X(LONG_BINPUT, 'r', u4, 1)             \
  X(SETITEM, 's', none, 0)               \
  X(TUPLE, 't', none, 0)                 \
  X(EMPTY_TUPLE, ')', none, 1)           \
  X(SETITEMS, 'u', none, 1)              \
  X(BINFLOAT, 'G', f8, 1)                \
  X(PROTO, 0x80, u1, 2)                  \
  X(NEWOBJ, 0x81, none, 2)               \
  X(EXT1, 0x82, u1, 2)                   \
  X(EXT2, 0x83, u2, 2)                   \
  X(EXT4, 0x84, i4, 2)                   \
  X(TUPLE1, 0x85, none, 2)               \
  X(TUPLE2, 0x86, none, 2)               \
  X(TUPLE3, 0x87, none, 2)               \
  X(NEWTRUE, 0x88, none, 2)              \
  X(NEWFALSE, 0x89, none, 2)             \
  X(LONG1, 0x8a, counted1, 2)            \
  X(LONG4, 0x8b, counted_i4, 2)          \
  X(BINBYTES, 'B', counted4, 3)          \
  X(SHORT_BINBYTES, 'C', counted1, 3)    \
  X(SHORT_BINUNICODE, 0x8c, counted1, 4) \
  X(BINUNICODE8, 0x8d, counted8, 4)      \
  X(BINBYTES8, 0x8e, counted8, 4)        \
  X(EMPTY_SET, 0x8f, none, 4)            \
  X(ADDITEMS, 0x90, none, 4)             \
  X(FROZENSET, 0x91, none, 4)            \
  X(NEWOBJ_EX, 0x92, none, 4)            \
  X(STACK_GLOBAL, 0x93, none, 4)         \
  X(MEMOIZE, 0x94, none, 4)              \
  X(FRAME, 0x95, u8, 4)                  \
  X(BYTEARRAY8, 0x96, counted8, 5)       \
  X(NEXT_BUFFER, 0x97, none, 5)          \
  X(READONLY_BUFFER, 0x98, none, 5)

namespace op {
#define X(name, code, argument, protocol) inline constexpr std::uint8_t name = static_cast<std::uint8_t>(code);
BRINERY_OPCODES(X)
#undef X
}  // namespace op

struct Opcode {
  std::string_view name;  // empty where the byte is no opcode
  Argument argument = Argument::none;
  std::uint8_t protocol = 0;
};

// The table by byte value.
inline constexpr std::array<Opcode, 256> opcodes = [] {
  std::array<Opcode, 256> table{};
#define X(name_, code, argument_, protocol_) \
  table[static_cast<std::uint8_t>(code)] = {#name_, Argument::argument_, protocol_};
  BRINERY_OPCODES(X)
#undef X
  return table;
}();

inline constexpr int highest_protocol = 5;
inline constexpr int default_protocol = 4;

}  // namespace brinery::wire
