// New dicts with the keys of one that is at hand, by copying its table.
#pragma once

#include <cstddef>

#include "objects/ref.hpp"

namespace brinery {

// `blank` maps `count` str keys to None. The copy has the values of `items`, pairs of keys and values in the same
// order, and takes over the references to both. Empty, with nothing done, where the table is not copied as it is.
// REQUIRES: State::layout_verified, 1 <= count
Ref copy_with_values(PyObject* blank, PyObject** items, std::size_t count);

}  // namespace brinery
