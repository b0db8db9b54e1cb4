// What a look at a traced stream asks of its graph.
#pragma once

#include <vector>

#include "check/machine.hpp"

namespace brinery::checker {

// Instances and calls that neither the root nor the stack holds, the latest first; not those that another one of them
// holds. Linear in the size of the graph.
std::vector<Value> dropped_of(const Machine& machine);

// The calls of globals of these numbers, and of what such calls return, in order; at most that many. Linear in the size
// of the graph.
std::vector<Value> calls_of(const Machine& machine, const std::vector<bool>& globals, std::size_t most);

// Each bytes and bytearray of at least that many bytes that something holds, in order, each once. Linear but for the
// sorting.
std::vector<Value> binaries_of(const Machine& machine, std::size_t least);

}  // namespace brinery::checker
