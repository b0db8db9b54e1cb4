// The states that nearly all arrays, dtypes and scalars of NumPy have in pickles, checked and restored.
//
// NumPy believes what a state says about memory. Each of these says whether it has restored: it takes what is beyond
// doubt, and leaves all else, and all errors, to whoever looks at states in general.
#pragma once

#include "objects/state.hpp"

namespace brinery {

// (version, shape, dtype, order, content) of an array without items.
bool restore_array(State& state, PyObject* array, PyObject* values);
// (version, order, None, None, None, -1, -1, 0) of a dtype.
bool restore_dtype(State& state, PyObject* type, PyObject* values);
// An array without items, for restore_array(); empty where it is not what _reconstruct() is called with for plain ones.
Ref make_empty_array(State& state, PyObject* cls, PyObject* shape, PyObject* kind);
// A number from its dtype and its bytes; empty where they do not fit or it is another kind.
Ref make_scalar(State& state, PyObject* type, PyObject* bytes);

}  // namespace brinery
