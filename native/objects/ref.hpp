// Owning references and the crossing from Python's error convention to C++ exceptions.
//
// This is the only header that counts references by hand. Everything else holds a Ref where it owns and a
// bare PyObject* where it borrows.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <structmember.h>  // needs Python.h before it

#include <utility>

namespace brinery {

// Thrown when a Python exception is set; caught once, at the boundary (see guard() in module/boundary.hpp).
struct PythonError {};

[[noreturn]] inline void throw_python_error() { throw PythonError{}; }

// Sets `type` with a PyErr_Format message, then throws.
template <class... Args>
[[noreturn, gnu::cold, gnu::noinline]] void raise(PyObject* type, const char* format, Args... args) {
  PyErr_Format(type, format, args...);
  throw PythonError{};
}

class Ref {
 public:
  constexpr Ref() noexcept = default;
  static Ref steal(PyObject* object) noexcept { return Ref(object); }
  static Ref borrow(PyObject* object) noexcept {
    Py_XINCREF(object);
    return Ref(object);
  }
  // Takes over a new reference, throwing if a C API call failed and returned null.
  static Ref checked(PyObject* object) {
    if (object == nullptr) [[unlikely]]
      throw_python_error();
    return Ref(object);
  }

  Ref(const Ref& other) noexcept : object_(other.object_) { Py_XINCREF(object_); }
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(const Ref& other) noexcept {
    Ref copy(other);
    swap(copy);
    return *this;
  }
  // The old referent is released last: its finalizer may look at *this.
  Ref& operator=(Ref&& other) noexcept {
    Ref moved(std::move(other));
    swap(moved);
    return *this;
  }
  ~Ref() { Py_XDECREF(object_); }

  void swap(Ref& other) noexcept { std::swap(object_, other.object_); }
  void reset() noexcept { Ref().swap(*this); }
  [[nodiscard]] PyObject* get() const noexcept { return object_; }
  [[nodiscard]] PyObject* release() noexcept { return std::exchange(object_, nullptr); }
  [[nodiscard]] PyObject* new_reference() const noexcept { return Py_XNewRef(object_); }
  explicit operator bool() const noexcept { return object_ != nullptr; }
  operator PyObject*() const noexcept { return object_; }  // NOLINT(google-explicit-constructor): borrowing is safe

  // For tp_traverse.
  int visit(visitproc visit, void* arg) const { return object_ != nullptr ? visit(object_, arg) : 0; }

 private:
  explicit constexpr Ref(PyObject* object) noexcept : object_(object) {}
  PyObject* object_ = nullptr;
};

// Passes a borrowed pointer through, throwing if null.
inline PyObject* check(PyObject* object) {
  if (object == nullptr) [[unlikely]]
    throw_python_error();
  return object;
}

// Passes a C API status through, throwing if negative.
template <class Integer>
inline Integer check_status(Integer status) {
  if (status < 0) [[unlikely]]
    throw_python_error();
  return status;
}

// getattr(object, name), or an empty Ref when there is no such attribute; other errors throw.
inline Ref lookup_attribute(PyObject* object, PyObject* name) {
#if PY_VERSION_HEX >= 0x030D0000
  PyObject* found = nullptr;
  if (PyObject_GetOptionalAttr(object, name, &found) < 0) throw_python_error();
  return Ref::steal(found);
#else
  PyObject* found = nullptr;
  if (_PyObject_LookupAttr(object, name, &found) < 0) throw_python_error();
  return Ref::steal(found);
#endif
}

inline Ref get_attribute(PyObject* object, PyObject* name) { return Ref::checked(PyObject_GetAttr(object, name)); }
inline Ref get_attribute(PyObject* object, const char* name) {
  return Ref::checked(PyObject_GetAttrString(object, name));
}
inline Ref import_module(const char* name) { return Ref::checked(PyImport_ImportModule(name)); }

// True while the current Python exception is `type`; clears it then.
inline bool clear_if(PyObject* type) {
  if (PyErr_ExceptionMatches(type) == 0) return false;
  PyErr_Clear();
  return true;
}

}  // namespace brinery
