// Plain data told from anything else in one quick pass, without a graph.
#pragma once

#include <cstdint>

#include "check/machine.hpp"

namespace brinery::checker {

struct Skimmed {
  bool plain = false;  // false: nothing is known
  std::uint64_t end = 0;
  int protocol = 0;
};

// Whether a stream is whole, passes any rules, and is within the limits: it names no globals, and all keys in it are
// cheap to hash. Gives up on what is rare in plain data, and on lists and the like that are shared.
Skimmed skim(const std::uint8_t* begin, const std::uint8_t* end, std::uint64_t offset, const Limits& limits,
             Memory& memory);

}  // namespace brinery::checker
