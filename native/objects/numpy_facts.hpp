// NumPy's array layout and the names it pickles under, without its headers: verified against a real array before use.
//
// Source: PyArrayObject_fields in numpy/ndarraytypes.h, unchanged from 1.x to 2.x, and array_reduce_ex in
// numpy/_core/src/multiarray/methods.c for which arrays travel as one buffer.
#pragma once

#include "objects/pymem.hpp"

namespace brinery {

struct ArrayFields {
  PyObject_HEAD char* data;
  int dimensions;
  Py_ssize_t* shape;
  Py_ssize_t* strides;
  PyObject* base;
  PyObject* type;  // the dtype
  int flags;
};
inline constexpr int array_c_contiguous = 0x0001;
inline constexpr int array_f_contiguous = 0x0002;
inline constexpr int array_writeable = 0x0400;

inline ArrayFields& array_fields(PyObject* array) { return *reinterpret_cast<ArrayFields*>(array); }

struct NumpyFacts {
  bool usable = false;  // the layout is as above
  PyTypeObject* array_type = nullptr;
  Ref module;
  Ref from_buffer;  // what ndarray.__reduce_ex__(5) names
  Ref scalar;       // what generic.__reduce__() names

  struct ElementType {
    Ref type;
    Py_ssize_t size;
    bool as_buffer;  // arrays of it are pickled as one buffer
    bool is_number;  // of two bytes or more: single bytes are what programs carry other things in
  };
  Vector<ElementType> element_types;

  // What is known of an array's dtype, which is found out if need be.
  const ElementType& element_type_of(PyObject* array);
};

// Learns about NumPy if it is loaded; unusable facts otherwise. Throws PythonError only if Python itself fails.
NumpyFacts learn_numpy();

}  // namespace brinery
