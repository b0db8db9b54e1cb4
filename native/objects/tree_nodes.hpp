// Trees that lie in arrays, as scikit-learn keeps them: a node's children are indexes of other nodes.
#pragma once

#include <cstdint>

#include "objects/ref.hpp"

namespace brinery {

// What walking a tree in C without looking at bounds relies on.
struct TreeShape {
  enum class Fault : std::uint8_t { none, children, feature };
  Fault fault = Fault::none;
  Py_ssize_t height = 0;  // steps from the root to the lowest leaf
};

// The arrays have an item for each node: its children, and the feature that it asks for. `leaf` is an array, too, not
// zero where a node has no children; or None, where such nodes are those whose left child is -1. Children must lie
// after their parents, which rules out circles, and features below `features`.
// Raises TypeError for arrays of anything but whole numbers in the machine's byte order, or of different lengths.
TreeShape shape_of_tree(PyObject* left, PyObject* right, PyObject* feature, PyObject* leaf, Py_ssize_t features);

}  // namespace brinery
