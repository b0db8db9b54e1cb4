// What hashing and comparing keys and members would cost: shared nested tuples, and hashes that were chosen to collide.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "check/machine.hpp"
#include "check/matcher.hpp"

namespace brinery::checker {

class KeyCosts {
 public:
  KeyCosts(const Machine& machine, const Matcher& matcher);

  enum class Verdict : std::uint8_t { good, bad_key, too_much };
  // Of the keys or members of a node. `culprit` is set to a bad key.
  Verdict judge(Index index, Value& culprit);

 private:
  // As CPython computes it, where that does not depend on a secret; else equal for equal values.
  struct Facts {
    std::uint64_t hash = 0;
    std::uint64_t cost = 1;
    bool good = true;
  };
  // A value whose parts are being looked at.
  struct Frame {
    Value value;
    std::uint64_t hash;
    std::uint64_t cost;
    std::size_t count;
    std::size_t next;
  };

  Facts facts_of(Value value);
  Facts leaf(Value value) const;
  [[nodiscard]] bool is_leaf(Value value) const;
  void open(Value value);
  Facts close();
  Facts facts_of_flat(Value tuple);
  void fold(Frame& frame, const Facts& facts);
  static std::uint64_t collision_work(std::vector<std::uint64_t>& hashes);

  const Machine& machine_;
  const Graph& graph_;
  const Matcher& matcher_;
  std::uint64_t work_left_;
  std::unordered_map<std::uint64_t, Facts> known_;  // by the word of a value
  std::vector<Frame> frames_;
};

}  // namespace brinery::checker
