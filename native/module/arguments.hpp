// Arguments of the module functions: positional and keyword, from the vectorcall convention.
#pragma once

#include <array>
#include <cstddef>

#include "objects/ref.hpp"

namespace brinery {

// Parameters of a function, in order; the first `positional` may be passed by position. The names live in the
// interned table of the caller.
template <std::size_t count>
struct Signature {
  const char* function;
  std::array<const char*, count> names;
  std::size_t positional;
  std::size_t required;
};

// Fills `values` (null: not given) or raises TypeError as Python functions do.
template <std::size_t count>
void parse_arguments(const Signature<count>& signature, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames,
                     std::array<PyObject*, count>& values) {
  values.fill(nullptr);
  if (static_cast<std::size_t>(nargs) > signature.positional) {
    raise(PyExc_TypeError, "%s() takes at most %zu positional arguments (%zd given)", signature.function,
          signature.positional, nargs);
  }
  for (Py_ssize_t i = 0; i < nargs; ++i) values[static_cast<std::size_t>(i)] = args[i];
  if (kwnames == nullptr && static_cast<std::size_t>(nargs) >= signature.required) return;
  const Py_ssize_t keywords = kwnames != nullptr ? PyTuple_GET_SIZE(kwnames) : 0;
  for (Py_ssize_t k = 0; k < keywords; ++k) {
    PyObject* name = PyTuple_GET_ITEM(kwnames, k);
    std::size_t i = 0;
    while (i < count && PyUnicode_CompareWithASCIIString(name, signature.names[i]) != 0) ++i;
    if (i == count) raise(PyExc_TypeError, "%s() got an unexpected keyword argument '%U'", signature.function, name);
    if (values[i] != nullptr) {
      raise(PyExc_TypeError, "argument for %s() given by name ('%s') and position (%zu)", signature.function,
            signature.names[i], i + 1);
    }
    values[i] = args[nargs + k];
  }
  for (std::size_t i = 0; i < signature.required; ++i) {
    if (values[i] == nullptr) {
      raise(PyExc_TypeError, "%s() missing required argument '%s' (pos %zu)", signature.function, signature.names[i],
            i + 1);
    }
  }
}

// The same from the tuple and dict that tp_init gets.
template <std::size_t count>
void parse_arguments(const Signature<count>& signature, PyObject* args, PyObject* kwargs,
                     std::array<PyObject*, count>& values) {
  const Py_ssize_t nargs = PyTuple_GET_SIZE(args);
  Ref names;
  PyObject* flat[count + 1] = {nullptr};
  if (nargs + (kwargs != nullptr ? PyDict_GET_SIZE(kwargs) : 0) > static_cast<Py_ssize_t>(count)) {
    raise(PyExc_TypeError, "%s() takes at most %zu arguments", signature.function, count);
  }
  for (Py_ssize_t i = 0; i < nargs; ++i) flat[i] = PyTuple_GET_ITEM(args, i);
  if (kwargs != nullptr) {
    names = Ref::checked(PyTuple_New(PyDict_GET_SIZE(kwargs)));
    PyObject *name = nullptr, *value = nullptr;
    Py_ssize_t k = 0;
    for (Py_ssize_t at = 0; PyDict_Next(kwargs, &at, &name, &value) != 0; ++k) {
      PyTuple_SET_ITEM(names.get(), k, Py_NewRef(name));
      flat[nargs + k] = value;
    }
  }
  parse_arguments<count>(signature, flat, nargs, names, values);
}

inline bool is_true(PyObject* value, bool otherwise) {
  return value == nullptr ? otherwise : check_status(PyObject_IsTrue(value)) != 0;
}

}  // namespace brinery
