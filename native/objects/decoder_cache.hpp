// What the decoder keeps between calls, one per interpreter.
#pragma once

#include <array>
#include <memory>

#include "objects/build_plan.hpp"
#include "objects/decode_text.hpp"
#include "objects/numpy_builder.hpp"
#include "objects/pymem.hpp"

namespace brinery {

// Dicts with the same keys in the same order as one made before are made by copying its table.
struct DictTemplate {
  static constexpr std::size_t most_keys = 32;
  // Of the last dict that fell to this place. One that comes again with the same is worth learning.
  Ref first_key;
  std::size_t count = 0;
  Ref dict;          // maps each key to None; empty until learnt
  Vector<Ref> keys;  // in order, compared by identity
};

struct Mark {
  std::size_t position;
  bool keys;  // the values above it are the keys and values of a dict
};

// How far it can be trusted that small pickles are plain data: see Decoder::assume_plain(). Each time it was wrong,
// more calls go by before it is tried again.
class PlainTrust {
 public:
  // Whether to try this time.
  bool ask() {
    if (calls_left_ == 0) return true;
    --calls_left_;
    return false;
  }
  void confirm() { next_calls_ = first_calls; }
  void disappoint() {
    calls_left_ = next_calls_;
    if (next_calls_ < most_calls) next_calls_ *= 2;
  }

 private:
  static constexpr unsigned first_calls = 8;
  static constexpr unsigned most_calls = 512;
  unsigned calls_left_ = 0;
  unsigned next_calls_ = first_calls;
};

struct DecoderCache {
  // The ints that one byte holds; the interpreter never frees them.
  std::array<PyObject*, 256> small_ints{};
  TextMaker text;
  PlainTrust plain_trust;
  KeyCache keys;
  std::array<DictTemplate, 64> templates;
  DictTemplate& template_for(PyObject* first_key, std::size_t count) {
    return templates[((reinterpret_cast<std::uintptr_t>(first_key) >> 4) + count) % templates.size()];
  }
  BuildPlanTable build_plans;
  NumpyBuilder numpy;
  // Memory of the stacks, lent to one decoder at a time.
  Vector<PyObject*> stack;
  Vector<Mark> marks;
  bool stack_lent = false;

  DecoderCache() {
    for (std::size_t i = 0; i < small_ints.size(); ++i) {
      small_ints[i] = Ref::checked(PyLong_FromSize_t(i)).release();
    }
  }
};

}  // namespace brinery
