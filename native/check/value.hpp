// What the checker keeps on its stack: a word that says what kind of value an opcode made, and where.
//
// Scalars stay in the stream: their word is the offset of the opcode, from which they are read again when somebody
// wants to know (check/literal.hpp). Everything else is a node of the graph (check/graph.hpp) or a global.
#pragma once

#include <cstdint>

namespace brinery::checker {

enum class Kind : std::uint8_t {
  // scalars: the payload is the offset of the opcode
  none,
  boolean,
  integer,      // within 64 bits
  big_integer,  // may be wider
  number,
  text,
  bytes,
  bytearray,
  // the payload is the number of the global
  global,
  // nodes: the payload is the index in the graph
  tuple,
  list,
  dict,
  set,
  frozenset,
  buffer,      // out of band, or a read-only view of a bytearray
  call,        // REDUCE
  instance,    // NEWOBJ, NEWOBJ_EX
  object,      // INST, OBJ
  persistent,  // PERSID, BINPERSID
  extension,   // EXT1, EXT2, EXT4
};

// A set of kinds, a bit each.
using Kinds = std::uint32_t;
constexpr Kinds bit(Kind kind) { return Kinds{1} << static_cast<unsigned>(kind); }
template <class... Each>
constexpr Kinds kinds_of(Each... each) {
  return (bit(each) | ...);
}

inline constexpr Kinds scalar_kinds = bit(Kind::global) - 1;
inline constexpr Kinds node_kinds = ~(scalar_kinds | bit(Kind::global));
inline constexpr Kinds container_kinds = kinds_of(Kind::tuple, Kind::list, Kind::dict, Kind::set, Kind::frozenset);
// What is made by calling something.
inline constexpr Kinds made_kinds = kinds_of(Kind::call, Kind::instance, Kind::object);

class Value {
 public:
  Value() = default;  // uninitialised, as arrays of them are
  constexpr Value(Kind kind, std::uint64_t payload) : word_(payload << 8 | static_cast<std::uint64_t>(kind)) {}
  static constexpr Value from_word(std::uint64_t word) {
    Value made{};
    made.word_ = word;
    return made;
  }

  [[nodiscard]] Kind kind() const { return static_cast<Kind>(word_ & 0xff); }
  [[nodiscard]] std::uint64_t payload() const { return word_ >> 8; }
  [[nodiscard]] std::uint64_t word() const { return word_; }
  [[nodiscard]] bool is(Kind kind) const { return this->kind() == kind; }
  [[nodiscard]] bool is_any(Kinds kinds) const { return (kinds & bit(kind())) != 0; }
  [[nodiscard]] bool is_node() const { return kind() > Kind::global; }
  bool operator==(const Value&) const = default;

 private:
  std::uint64_t word_;
};

}  // namespace brinery::checker
