// Which kinds of values containers hold, through however many other containers.
#pragma once

#include <vector>

#include "check/graph.hpp"

namespace brinery::checker {

// A global that may stand as a value is Kind::global; this is any other.
inline constexpr Kinds hidden_function = Kinds{1} << 31;

// What calling a global of the standard library makes, where protocols without an opcode for that do so: bytes, say, of
// _codecs.encode. Nothing (Kind::none) for others.
Kind made_by(const Global& global);

class Reach {
 public:
  // `standing` tells by the number of a global whether it may stand as a value.
  Reach(const Graph& graph, std::vector<bool> standing);

  // The kinds in a container, itself not among them; made values of known kind count as what they are.
  [[nodiscard]] Kinds within(Value container);
  // The kind that a value has in the end.
  [[nodiscard]] Kind kind_of(Value value) const;
  // The bit of a value by itself.
  [[nodiscard]] Kinds bit_of(Value value) const;

 private:
  struct Visit {
    Index order = 0;  // 0: not met
    Index low = 0;
    Kinds kinds = 0;
  };
  struct Frame {
    Index node;
    Index segment;  // the run at hand, or no_index: the first
    Index next;     // in it
  };

  [[nodiscard]] bool holds(Value value) const;
  void visit(Index start);
  bool step(Frame& frame, Value& value) const;
  void enter(Index node);
  void finish(Index node);

  const Graph& graph_;
  std::vector<bool> standing_;
  std::vector<Kind> made_;  // by the number of a global
  bool makes_known_ = false;
  std::vector<Visit> visits_;  // by the index of a node
  std::vector<Frame> frames_;
  std::vector<Index> open_;  // Tarjan's stack
  Index order_ = 0;
};

}  // namespace brinery::checker
