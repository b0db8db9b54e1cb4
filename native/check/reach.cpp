// Strongly connected components by R. Tarjan, "Depth-first search and linear graph algorithms" (1972), with a stack of
// its own: all containers in a cycle hold the same.
#include "check/reach.hpp"

#include <algorithm>

namespace brinery::checker {

namespace {

constexpr Index done = ~Index{0};

}  // namespace

Kind made_by(const Global& global) {
  if (global.module == "_codecs") return global.name == "encode" ? Kind::bytes : Kind::none;
  if (global.module != "builtins") return Kind::none;
  if (global.name == "bytes") return Kind::bytes;
  if (global.name == "bytearray") return Kind::bytearray;
  if (global.name == "set") return Kind::set;
  if (global.name == "frozenset") return Kind::frozenset;
  return Kind::none;
}

Reach::Reach(const Graph& graph, std::vector<bool> standing) : graph_(graph), standing_(std::move(standing)) {
  for (const Global& global : graph.globals) {
    made_.push_back(made_by(global));
    makes_known_ = makes_known_ || made_.back() != Kind::none;
  }
}

Kind Reach::kind_of(Value value) const {
  if (!makes_known_ || !value.is(Kind::call)) return value.kind();
  const Value callee = graph_.callee(graph_.node(value));
  const Kind made = callee.is(Kind::global) ? made_[callee.payload()] : Kind::none;
  return made != Kind::none ? made : value.kind();
}

Kinds Reach::bit_of(Value value) const {
  if (value.is(Kind::global)) return standing_[value.payload()] ? bit(Kind::global) : hidden_function;
  return bit(kind_of(value));
}

// Whether what a value holds counts as what its container holds.
bool Reach::holds(Value value) const {
  return value.is_any(container_kinds) || (value.is(Kind::call) && kind_of(value) != Kind::call);
}

Kinds Reach::within(Value container) {
  const Node& node = graph_.node(container);
  if ((node.kinds & ~scalar_kinds) == 0) return node.kinds;
  if (visits_.empty()) visits_.resize(graph_.nodes.size());
  const auto index = static_cast<Index>(container.payload());
  if (visits_[index].order != done) visit(index);
  return visits_[index].kinds;
}

// The next value of a node. False: there are no more.
bool Reach::step(Frame& frame, Value& value) const {
  const Node& node = graph_.nodes[frame.node];
  const bool called = node.kind() == Kind::call;  // whose callee is not in it
  for (;;) {
    const bool first = frame.segment == no_index;
    const Index begin = first ? node.first : graph_.segments[frame.segment].first;
    const Index count = first ? node.count : graph_.segments[frame.segment].count;
    const Index at = frame.next++;
    if (at < count) {
      if (first && called && at == 0) continue;
      value = graph_.items[begin + at];
      return true;
    }
    const Index following = first ? node.more : graph_.segments[frame.segment].next;
    if (following == no_index) return false;
    frame.segment = following;
    frame.next = 0;
  }
}

void Reach::enter(Index node) {
  visits_[node].order = visits_[node].low = ++order_;
  open_.push_back(node);
  frames_.push_back({node, no_index, 0});
}

// All of a component hold what any of them holds.
void Reach::finish(Index node) {
  if (visits_[node].low != visits_[node].order) return;
  auto first = open_.end() - 1;
  while (*first != node) --first;
  Kinds kinds = 0;
  for (auto at = first; at != open_.end(); ++at) kinds |= visits_[*at].kinds;
  for (auto at = first; at != open_.end(); ++at) visits_[*at] = {done, done, kinds};
  open_.erase(first, open_.end());
}

void Reach::visit(Index start) {
  enter(start);
  while (!frames_.empty()) {
    const Index node = frames_.back().node;
    Value value;
    if (step(frames_.back(), value)) {
      visits_[node].kinds |= bit_of(value);
      if (!holds(value)) continue;
      const auto held = static_cast<Index>(value.payload());
      if (visits_[held].order == 0) {
        enter(held);
      } else if (visits_[held].order == done) {
        visits_[node].kinds |= visits_[held].kinds;
      } else {
        visits_[node].low = std::min(visits_[node].low, visits_[held].order);
      }
      continue;
    }
    frames_.pop_back();
    const Index low = visits_[node].low;
    finish(node);
    if (frames_.empty()) continue;
    Visit& parent = visits_[frames_.back().node];
    parent.kinds |= visits_[node].kinds;
    if (visits_[node].order != done) parent.low = std::min(parent.low, low);
  }
}

}  // namespace brinery::checker
