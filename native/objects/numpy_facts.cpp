#include "objects/numpy_facts.hpp"

#include <cstring>

namespace brinery {

namespace {

// Any failure in here means no more than that the general way is taken.
bool quietly(auto&& body) {
  try {
    return body();
  } catch (const PythonError&) {
    PyErr_Clear();
    return false;
  }
}

bool has_expected_layout(PyObject* array) {
  const ArrayFields& fields = array_fields(array);
  if (Py_TYPE(array)->tp_basicsize < static_cast<Py_ssize_t>(sizeof(ArrayFields))) return false;
  Py_buffer view;
  check_status(PyObject_GetBuffer(array, &view, PyBUF_FULL_RO));
  const bool same = fields.data == view.buf && fields.dimensions == 2 && view.ndim == 2 && fields.shape[0] == 2 &&
                    fields.shape[1] == 3 && fields.strides[0] == view.strides[0] &&
                    fields.strides[1] == view.strides[1];
  PyBuffer_Release(&view);
  Ref type = get_attribute(array, "dtype");
  const int flags = fields.flags & (array_c_contiguous | array_f_contiguous | array_writeable);
  return same && fields.type == type.get() && flags == (array_c_contiguous | array_writeable);
}

}  // namespace

NumpyFacts learn_numpy() {
  NumpyFacts facts;
  facts.usable = quietly([&] {
    Ref name = Ref::checked(PyUnicode_FromString("numpy"));
    facts.module = Ref::steal(PyImport_GetModule(name));
    if (!facts.module) return false;
    Ref array_type = get_attribute(facts.module, "ndarray");
    if (!PyType_Check(array_type.get())) return false;
    facts.array_type = reinterpret_cast<PyTypeObject*>(array_type.get());
    Ref flat = Ref::checked(PyObject_CallMethod(facts.module, "zeros", "((ii)s)", 2, 3, "f8"));
    if (Py_TYPE(flat.get()) != facts.array_type || !has_expected_layout(flat)) return false;
    Ref reduced = Ref::checked(PyObject_CallMethod(flat, "__reduce_ex__", "i", 5));
    if (!PyTuple_Check(reduced.get()) || PyTuple_GET_SIZE(reduced.get()) != 2) return false;
    PyObject* args = PyTuple_GET_ITEM(reduced.get(), 1);
    if (!PyTuple_Check(args) || PyTuple_GET_SIZE(args) != 4) return false;
    if (Py_TYPE(PyTuple_GET_ITEM(args, 0)) != &PyPickleBuffer_Type) return false;
    facts.from_buffer = Ref::borrow(PyTuple_GET_ITEM(reduced.get(), 0));
    Ref number = Ref::checked(PyObject_CallMethod(facts.module, "float64", "d", 1.5));
    reduced = Ref::checked(PyObject_CallMethod(number, "__reduce__", nullptr));
    if (!PyTuple_Check(reduced.get()) || PyTuple_GET_SIZE(reduced.get()) != 2) return false;
    facts.scalar = Ref::borrow(PyTuple_GET_ITEM(reduced.get(), 0));
    return true;
  });
  return facts;
}

const NumpyFacts::ElementType& NumpyFacts::element_type_of(PyObject* array) {
  constexpr std::size_t most = 64;
  PyObject* type = array_fields(array).type;
  for (const ElementType& known : element_types) {
    if (known.type.get() == type) return known;
  }
  if (element_types.size() >= most) element_types.clear();
  ElementType fresh{Ref::borrow(type), 0, false, false};
  fresh.as_buffer = quietly([&] {
    if (check_status(PyObject_IsTrue(get_attribute(type, "hasobject"))) != 0) return false;
    Py_buffer view;
    check_status(PyObject_GetBuffer(array, &view, PyBUF_FULL_RO));
    fresh.size = view.itemsize;
    PyBuffer_Release(&view);
    return fresh.size > 0;
  });
  fresh.is_number = fresh.as_buffer && fresh.size > 1 && quietly([&] {
                      Ref kind = get_attribute(type, "kind");
                      const char* letter = PyUnicode_Check(kind.get()) ? PyUnicode_AsUTF8(kind) : "";
                      if (letter == nullptr) throw_python_error();
                      return std::strlen(letter) == 1 && std::strchr("iufc", *letter) != nullptr;
                    });
  element_types.push_back(std::move(fresh));
  return element_types.back();
}

}  // namespace brinery
