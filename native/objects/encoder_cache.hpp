// What the encoder keeps between calls, one per interpreter.
#pragma once

#include <cstdint>

#include "objects/memo_table.hpp"
#include "objects/numpy_facts.hpp"
#include "objects/output.hpp"
#include "objects/plan.hpp"

namespace brinery {

struct EncoderCache {
  Scratch scratch;
  MemoTable memo;
  bool memo_taken = false;
  PlanTable plans;
  // Changes with each call and whenever foreign code may have run: what was validated in one epoch holds until it
  // ends.
  std::uint64_t epoch = 0;

  // Calls for which a root type starts with everything memoised, because it had to start over lately.
  static constexpr std::size_t cautious_slots = 64;
  struct Caution {
    std::uint16_t left = 0;
    std::uint16_t next = 8;
  };
  Caution cautious[cautious_slots];
  Caution& caution_for(PyTypeObject* type) {
    return cautious[(reinterpret_cast<std::uintptr_t>(type) >> 6) % cautious_slots];
  }
};

}  // namespace brinery
