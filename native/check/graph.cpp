#include "check/graph.hpp"

#include <algorithm>

namespace brinery::checker {

namespace {

// Whether values that get into a node of that kind, in that role, are hashed; of pairs it is every other one.
bool has_keys(Kind kind, Role role) {
  return role == Role::assigned || role == Role::added ||
         (role == Role::items && (kind == Kind::dict || kind == Kind::set || kind == Kind::frozenset));
}

bool is_pairs(Kind kind, Role role) { return role == Role::assigned || (role == Role::items && kind == Kind::dict); }

}  // namespace

void Graph::reset() { make(Kind::tuple, 0, nullptr, 0); }

// Keeps what is known of a node and of what gets into it.
inline void Graph::note(Node& node, Role role, const Value* values, std::size_t count) {
  Kinds kinds = 0;
  if (has_keys(node.kind(), role)) {
    const std::size_t step = is_pairs(node.kind(), role) ? 2 : 1;
    Kinds keys = 0;
    for (std::size_t i = 0; i < count; i += step) keys |= bit(values[i].kind());
    for (std::size_t i = 1; step == 2 && i < count; i += 2) kinds |= bit(values[i].kind());
    kinds |= keys;
    if ((keys & ~cheap_keys) != 0 && node.keyed == 0) {
      node.keyed = 1;
      keyed.push_back(static_cast<Index>(&node - nodes.begin()));
    }
  } else {
    for (std::size_t i = 0; i < count; ++i) kinds |= bit(values[i].kind());
  }
  node.kinds |= kinds;
  all_kinds |= kinds;
  if ((kinds & ~scalar_kinds) != 0) note_nodes(node, values, count);
}

void Graph::note_nodes(Node& node, const Value* values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (values[i].is(Kind::global)) {
      globals[values[i].payload()].uses |= Global::stands;
    } else if (values[i].is_node()) {
      note_node(node, values[i]);
    }
  }
}

void Graph::note_node(Node& node, Value value) {
  node.depth = std::max(node.depth, this->node(value).depth + 1);
  depth = std::max(depth, node.depth);
}

void Graph::note_callee(Node& node, Value callee) {
  if (callee.is(Kind::global)) {
    globals[callee.payload()].uses |= node.kind() == Kind::instance ? Global::made : Global::called;
  } else if (callee.is_node()) {
    note_node(node, callee);
  }
}

Value Graph::make(Kind kind, std::uint64_t offset, const Value* values, std::size_t count) {
  const auto index = static_cast<Index>(nodes.size());
  nodes.push_back({.offset = offset,
                   .kind_code = static_cast<std::uint8_t>(kind),
                   .keyed = 0,
                   .kinds = 0,
                   .depth = 1,
                   .first = no_index,
                   .count = 0,
                   .more = no_index,
                   .last = no_index});
  if (count > 0) {
    const std::size_t callee = (made_kinds & bit(kind)) != 0 ? 1 : 0;
    if (callee == 1) note_callee(nodes[index], values[0]);
    note(nodes[index], Role::items, values + callee, count - callee);
    nodes[index].first = static_cast<Index>(items.append(values, count));
    nodes[index].count = static_cast<Index>(count);
  }
  return {kind, index};
}

void Graph::extend(Index index, Role role, const Value* values, std::size_t count) {
  Node& node = nodes[index];
  note(node, role, values, count);
  const auto at_end = static_cast<Index>(items.append(values, count));
  const auto added = static_cast<Index>(count);
  if (node.more == no_index && role == Role::items) {
    if (node.count == 0) node.first = at_end;
    if (node.first + node.count == at_end) {
      node.count += added;
      return;
    }
  }
  if (node.more != no_index) {
    Segment& last = segments[node.last];
    if (last.role == role && role != Role::state && last.first + last.count == at_end) {
      last.count += added;
      return;
    }
  }
  const auto fresh = static_cast<Index>(segments.size());
  segments.push_back({at_end, added, no_index, role});
  (node.more == no_index ? node.more : segments[node.last].next) = fresh;
  node.last = fresh;
}

}  // namespace brinery::checker
