// NumPy arrays and scalars from their parts, through NumPy's C API: a table of functions in a capsule, found at run
// time when NumPy is loaded, so that neither building nor importing needs it.
//
// Source: numpy/__multiarray_api.h; the places in the table are part of NumPy's binary interface, the same in 1.x and
// 2.x.
#pragma once

#include "objects/numpy_facts.hpp"

namespace brinery {

class NumpyBuilder {
 public:
  // Learns about NumPy, if it is loaded and that has not been done yet.
  void learn();
  // The functions that arrays and scalars name in pickles; null while nothing is known.
  [[nodiscard]] PyObject* from_buffer() const { return facts_.from_buffer; }
  [[nodiscard]] PyObject* scalar() const { return facts_.scalar; }

  // _frombuffer(buffer, dtype, shape, order); empty where NumPy itself has to be asked.
  Ref make_array(PyObject* args);
  // scalar(dtype, bytes); likewise.
  Ref make_scalar(PyObject* type, PyObject* bytes);

 private:
  struct ElementType {
    Ref type;
    Py_ssize_t size;  // 0: not one that is known well enough
    bool number;
  };
  const ElementType& element_type(PyObject* type);
  Ref new_array(PyObject* type, int dimensions, const Py_ssize_t* shape, void* data, int flags, Ref base);

  static constexpr std::size_t most_types = 32;
  NumpyFacts facts_;
  void** functions_ = nullptr;
  bool learned_ = false;
  Vector<ElementType> types_;
};

}  // namespace brinery
