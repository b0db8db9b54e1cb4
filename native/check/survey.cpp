#include "check/survey.hpp"

#include <algorithm>

namespace brinery::checker {

namespace {

class Marks {
 public:
  explicit Marks(const Graph& graph) : graph_(graph), marked_(graph.nodes.size()) {}

  [[nodiscard]] bool has(std::size_t node) const { return marked_[node]; }
  // Marks a value and all that it holds.
  void mark(Value value) {
    enter(value);
    while (!open_.empty()) {
      const Node& node = graph_.nodes[open_.back()];
      open_.pop_back();
      graph_.for_each_run(node, [&](Role /*role*/, Index first, Index count) {
        for (Index i = 0; i < count; ++i) enter(graph_.items[first + i]);
      });
    }
  }

 private:
  void enter(Value value) {
    if (!value.is_node() || marked_[value.payload()]) return;
    marked_[value.payload()] = true;
    open_.push_back(static_cast<Index>(value.payload()));
  }

  const Graph& graph_;
  std::vector<bool> marked_;
  std::vector<Index> open_;
};

}  // namespace

std::vector<Value> dropped_of(const Machine& machine) {
  const Graph& graph = machine.graph;
  Marks marks(graph);
  marks.mark(machine.root);
  for (const Value value : machine.stack()) marks.mark(value);
  std::vector<Value> dropped;
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    const Value value(graph.nodes[i].kind(), i);
    if (!value.is_any(made_kinds) || marks.has(i)) continue;
    dropped.push_back(value);
    marks.mark(value);
  }
  return dropped;
}

std::vector<Value> calls_of(const Machine& machine, const std::vector<bool>& globals, std::size_t most) {
  const Graph& graph = machine.graph;
  std::vector<bool> called(graph.nodes.size());  // a callee is made before what it is called for
  std::vector<Value> found;
  for (std::size_t i = 0; i < graph.nodes.size() && found.size() < most; ++i) {
    const Value value(graph.nodes[i].kind(), i);
    if (!value.is_any(made_kinds)) continue;
    const Value callee = graph.callee(graph.nodes[i]);
    called[i] = callee.is(Kind::global) ? globals[callee.payload()] : callee.is_node() && called[callee.payload()];
    if (called[i]) found.push_back(value);
  }
  return found;
}

std::vector<Value> binaries_of(const Machine& machine, std::size_t least) {
  constexpr Kinds binary_kinds = kinds_of(Kind::bytes, Kind::bytearray);
  std::vector<Value> found;
  const auto look_at = [&](Value value) {
    if (value.is_any(binary_kinds) && machine.literals().bytes(value).size() >= least) found.push_back(value);
  };
  for (const Value value : machine.graph.items) look_at(value);
  for (const Value value : machine.stack()) look_at(value);
  look_at(machine.root);
  std::ranges::sort(found, {}, &Value::payload);
  const auto again = std::ranges::unique(found);
  found.erase(again.begin(), again.end());
  return found;
}

}  // namespace brinery::checker
