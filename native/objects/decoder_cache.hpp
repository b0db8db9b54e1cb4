// What the decoder keeps between calls, one per interpreter.
#pragma once

#include <array>
#include <memory>

#include "objects/build_plan.hpp"
#include "objects/pymem.hpp"

namespace brinery {

// Key strings met lately: short records say the same keys again and again.
class KeyCache {
 public:
  static constexpr std::size_t longest = 32;

  // The str for these ASCII bytes, new reference.
  Ref get(const std::uint8_t* data, std::size_t size);
  void clear() {
    for (Ref& entry : entries_) entry.reset();
  }

 private:
  std::array<Ref, 512> entries_;
};

// Dicts with the same keys in the same order as one made before are made by copying its table.
struct DictTemplate {
  Ref dict;          // maps each key to None
  Vector<Ref> keys;  // in order, compared by identity
};

struct DecoderCache {
  KeyCache keys;
  std::array<DictTemplate, 64> templates;
  BuildPlanTable build_plans;
  Vector<PyObject*> stack;  // memory of the value stack, lent to one decoder at a time
  bool stack_lent = false;
};

}  // namespace brinery
