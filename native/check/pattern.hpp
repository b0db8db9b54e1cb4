// What arguments and states may look like: `list[int] | 'text' | =collections:OrderedDict`, compiled once.
//
// A pattern is a finite tree, so that matching ends whatever cycles there are in the values. The language:
//   any          anything but functions and other globals that may not stand as values
//   plain        scalars, and containers of plain
//   data         the same with objects, whose making is judged where they are made
//   type         a class, or another global that may stand as a value
//   key          anything whose hash is known; a container of keys is looked through for collisions
//   state        a dict of attributes by name, or (dict | None, dict | None) for slots
//   none bool int float complex str bytes bytearray list tuple dict set frozenset buffer     exact kinds
//   int[0..9]  int[..9]  int[0..]  str<=100  bytes<=100  'literal'
//   list[P]  set[P]  frozenset[P]  tuple[P, Q]  tuple[P, ...]  dict[K, V]
//   <module:name>   that global        =module:name   an object made by that one
//   P | Q
// In a list of arguments, `P?` may be missing, as all behind it, and `*P` at the end is any number more.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "check/value.hpp"

namespace brinery::checker {

enum class Shape : std::uint8_t {
  any,
  plain,
  data,
  type,
  key,
  state,
  kinds,        // of Pattern::kinds
  complex,      // made by builtins.complex
  range,        // an int from low to high
  size,         // of Pattern::kinds, no longer than high
  literal,      // that text
  global,       // that very global
  made,         // an object made by that global
  each,         // a container of Pattern::kinds of what the child matches
  exact_tuple,  // as many items as children
  dict,         // keys and values
  either,       // what one of the children matches
};

struct Pattern {
  Shape shape = Shape::any;
  Kinds kinds = 0;
  std::int64_t low = INT64_MIN, high = INT64_MAX;
  std::string text, name;                                // a literal; module and name of a global
  std::vector<std::shared_ptr<const Pattern>> children;  // in order; shared by copies
};

// A pattern that cannot be read; what() says why.
class PatternError : public std::invalid_argument {
  using invalid_argument::invalid_argument;
};

// Throws PatternError.
Pattern parse_pattern(std::string_view source);

struct Arguments {
  std::vector<Pattern> patterns;
  std::size_t required = 0;
  bool any_more = false;  // the last pattern is that of any number of arguments
};

// Throws PatternError.
Arguments parse_arguments(const std::vector<std::string>& sources);

}  // namespace brinery::checker
