// Where C++ exceptions become Python exceptions: every function that Python calls runs its body through guard().
#pragma once

#include <new>
#include <stdexcept>

#include "objects/ref.hpp"

namespace brinery {

// Sets the Python exception that stands for the C++ exception now being handled.
inline void translate_exception() noexcept {
  try {
    throw;
  } catch (const PythonError&) {
    if (PyErr_Occurred() == nullptr)
      PyErr_SetString(PyExc_SystemError, "brinery: an error was raised without an exception");
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::length_error&) {
    PyErr_NoMemory();
  } catch (const std::exception& error) {
    PyErr_Format(PyExc_SystemError, "brinery: internal error: %s", error.what());
  }
}

// Runs `body`, which returns a Ref or a PyObject* new reference; null with an exception set where it throws.
template <class Body>
PyObject* guard(Body&& body) noexcept {
  try {
    if constexpr (std::is_same_v<decltype(body()), PyObject*>) {
      return body();
    } else {
      return body().release();
    }
  } catch (...) {
    translate_exception();
    return nullptr;
  }
}

// The same for slots that answer 0 or -1.
template <class Body>
int guard_status(Body&& body) noexcept {
  try {
    body();
    return 0;
  } catch (...) {
    translate_exception();
    return -1;
  }
}

}  // namespace brinery
