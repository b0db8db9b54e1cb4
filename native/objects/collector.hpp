// What the cyclic garbage collector has to look at.
#pragma once

#include "objects/ref.hpp"

namespace brinery {

// Whether the collector may ever have to look into this object.
inline bool may_be_tracked(PyObject* object) {
  PyTypeObject* type = Py_TYPE(object);
  if (!PyType_IS_GC(type) || (type->tp_is_gc != nullptr && type->tp_is_gc(object) == 0)) return false;
  return type != &PyTuple_Type || PyObject_GC_IsTracked(object) != 0;
}

// A tuple of nothing that could be part of a cycle is what the collector stops tracking when it first meets it. Doing
// so at once saves that meeting.
inline void untrack_if_atomic(PyObject* tuple) {
  const Py_ssize_t size = PyTuple_GET_SIZE(tuple);
  for (Py_ssize_t i = 0; i < size; ++i) {
    if (may_be_tracked(PyTuple_GET_ITEM(tuple, i))) return;
  }
  if (size != 0) PyObject_GC_UnTrack(tuple);
}

}  // namespace brinery
