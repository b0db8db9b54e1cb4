// What a pickle would build, as nodes in three arrays: nodes, the values in them, and further runs of such values.
#pragma once

#include <cstdint>

#include "check/array.hpp"
#include "check/globals.hpp"
#include "check/value.hpp"

namespace brinery::checker {

// How values got into a node.
enum class Role : std::uint8_t {
  items,     // of a container; callee, arguments and keywords of what is called; the id of a persistent object
  appended,  // APPEND, APPENDS
  assigned,  // SETITEM, SETITEMS: keys and values in turn
  added,     // ADDITEMS
  state,     // BUILD, one value
};

using Index = std::uint32_t;
inline constexpr Index no_index = ~Index{0};

// A run of values, the next one of the same node behind it.
struct Segment {
  Index first;
  Index count;
  Index next;  // segment, or no_index
  Role role;
};

struct Node {
  std::uint64_t offset : 48;  // of the opcode
  std::uint64_t kind_code : 8;
  std::uint64_t keyed : 1;  // among Graph::keyed
  Kinds kinds;              // of what it holds, all roles; not of a callee
  std::uint32_t depth;      // 1 + the depth of the deepest node in it, as far as known when that got into it
  Index first, count;       // its first run of values: Role::items; of an out-of-band buffer, its number
  Index more, last;         // further ones, or no_index
  [[nodiscard]] Kind kind() const { return static_cast<Kind>(kind_code); }
};

// Keys and set members of other kinds are looked at: their hash costs, or may have been chosen to collide. Floats,
// and ints of up to 64 bits, have at most a few dozen values for a hash; text and bytes are hashed with a secret.
inline constexpr Kinds cheap_keys =
    kinds_of(Kind::none, Kind::boolean, Kind::integer, Kind::number, Kind::text, Kind::bytes);

class Graph {
 public:
  Graph() { reset(); }

  Array<Node> nodes;  // the first is the empty tuple
  Array<Value> items;
  Array<Segment> segments;
  Globals globals;
  Array<Index> keyed;   // nodes with keys or members other than cheap_keys
  Kinds all_kinds = 0;  // of what is in any node
  std::uint32_t depth = 0;

  static constexpr Value empty_tuple() { return {Kind::tuple, 0}; }

  // Starts over with empty arrays: makes the empty tuple. REQUIRES: there are no nodes
  void reset();
  // A new node that holds `count` values.
  Value make(Kind kind, std::uint64_t offset, const Value* values, std::size_t count);
  // More values for a node.
  void extend(Index index, Role role, const Value* values, std::size_t count);
  // How many nodes and places for values there are.
  [[nodiscard]] std::size_t size() const { return nodes.size() + items.size(); }

  // Calls visit(role, first, count) for each run of values of a node, in the order of the stream.
  // (Matching steps from a visit into the values, no deeper than patterns go.)
  template <class Visit>
  void for_each_run(const Node& node, Visit&& visit) const {  // NOLINT(misc-no-recursion)
    if (node.count > 0) visit(Role::items, node.first, node.count);
    for (Index at = node.more; at != no_index; at = segments[at].next) {
      visit(segments[at].role, segments[at].first, segments[at].count);
    }
  }
  [[nodiscard]] const Node& node(Value value) const { return nodes[value.payload()]; }
  // The callee of a node that was made by calling something.
  [[nodiscard]] Value callee(const Node& node) const { return items[node.first]; }

 private:
  void note(Node& node, Role role, const Value* values, std::size_t count);
  void note_nodes(Node& node, const Value* values, std::size_t count);
  void note_node(Node& node, Value value);
  void note_callee(Node& node, Value callee);
};

}  // namespace brinery::checker
