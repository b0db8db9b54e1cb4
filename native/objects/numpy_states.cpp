#include "objects/numpy_states.hpp"

#include "objects/decoder_cache.hpp"

namespace brinery {

namespace {

constexpr Py_ssize_t most_dimensions = 32;

Ref numpy_attribute(State& state, PyObject* name) {
  Ref numpy = Ref::steal(PyImport_GetModule(state.names.numpy));
  if (!numpy && PyErr_Occurred() != nullptr) throw_python_error();
  return numpy ? get_attribute(numpy, name) : Ref();
}

bool is_type(State& state, PyObject* object) {
  Ref type = numpy_attribute(state, state.names.dtype);
  return type && PyType_Check(type.get()) && PyObject_TypeCheck(object, reinterpret_cast<PyTypeObject*>(type.get()));
}

bool is_int(PyObject* object, long value) {
  int overflow = 0;
  return PyLong_CheckExact(object) && PyLong_AsLongAndOverflow(object, &overflow) == value && overflow == 0;
}

// A text of one of some letters.
bool is_letter(PyObject* object, const char* letters) {
  if (!PyUnicode_CheckExact(object) || PyUnicode_GET_LENGTH(object) != 1) return false;
  const Py_UCS4 letter = PyUnicode_READ_CHAR(object, 0);
  for (; *letters != '\0'; ++letters) {
    if (letter == static_cast<Py_UCS4>(*letters)) return true;
  }
  return false;
}

bool has(PyObject* object, PyObject* name, PyObject* value) { return get_attribute(object, name).get() == value; }

// How many items there are in a shape; -1 where it is none, or they are too many to count.
Py_ssize_t items_in(PyObject* shape) {
  if (!PyTuple_CheckExact(shape) || PyTuple_GET_SIZE(shape) > most_dimensions) return -1;
  Py_ssize_t count = 1;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(shape); ++i) {
    PyObject* number = PyTuple_GET_ITEM(shape, i);
    if (!PyLong_CheckExact(number)) return -1;
    int overflow = 0;
    const long long size = PyLong_AsLongLongAndOverflow(number, &overflow);
    if (overflow != 0 || size < 0 || __builtin_mul_overflow(count, size, &count)) return -1;
  }
  return count;
}

bool fits(State& state, PyObject* type, Py_ssize_t count, PyObject* content) {
  const bool listed =
      !has(type, state.names.hasobject, Py_False) || is_letter(get_attribute(type, state.names.kind), "T");
  if (PyList_CheckExact(content)) return listed && PyList_GET_SIZE(content) == count;
  if (listed || !(PyBytes_CheckExact(content) || PyByteArray_CheckExact(content))) return false;
  const Py_ssize_t item_size = check_status(PyLong_AsSsize_t(get_attribute(type, state.names.itemsize)));
  Py_ssize_t size = 0;
  return item_size >= 0 && !__builtin_mul_overflow(count, item_size, &size) && size == Py_SIZE(content);
}

bool set_state(State& state, PyObject* object, PyObject* values) {
  PyObject* args[] = {object, values};
  return Ref::checked(PyObject_VectorcallMethod(state.names.__setstate__, args, 2, nullptr)).get() == Py_None;
}

// What is refused here, or fails, is to be told by those who look at states in general.
auto or_nothing(auto&& body) -> decltype(body()) {
  try {
    return body();
  } catch (const PythonError&) {
    if (PyErr_ExceptionMatches(PyExc_Exception) == 0) throw;
    PyErr_Clear();
    return {};
  }
}

}  // namespace

bool restore_array(State& state, PyObject* array, PyObject* values) {
  return or_nothing([&] {
    if (!PyTuple_CheckExact(values) || PyTuple_GET_SIZE(values) != 5) return false;
    PyObject* type = PyTuple_GET_ITEM(values, 2);
    const Py_ssize_t count = items_in(PyTuple_GET_ITEM(values, 1));
    return is_int(PyTuple_GET_ITEM(values, 0), 1) && count >= 0 && is_type(state, type) &&
           fits(state, type, count, PyTuple_GET_ITEM(values, 4)) &&
           is_int(get_attribute(array, state.names.nbytes), 0) && has(array, state.names.base, Py_None) &&
           set_state(state, array, values);
  });
}

bool restore_dtype(State& state, PyObject* type, PyObject* values) {
  return or_nothing([&] {
    if (!PyTuple_CheckExact(values) || PyTuple_GET_SIZE(values) != 8) return false;
    const auto value = [&](Py_ssize_t at) { return PyTuple_GET_ITEM(values, at); };
    const Names& names = state.names;
    return (is_int(value(0), 3) || is_int(value(0), 4)) && is_letter(value(1), "<>=|") && value(2) == Py_None &&
           value(3) == Py_None && value(4) == Py_None && is_int(value(5), -1) && is_int(value(6), -1) &&
           is_int(value(7), 0) && has(type, names.names, Py_None) && has(type, names.subdtype, Py_None) &&
           has(type, names.hasobject, Py_False) && is_letter(get_attribute(type, names.kind), "biufcmM") &&
           set_state(state, type, values);
  });
}

Ref make_empty_array(State& state, PyObject* cls, PyObject* shape, PyObject* kind) {
  return or_nothing([&]() -> Ref {
    if (!PyTuple_CheckExact(shape) || PyTuple_GET_SIZE(shape) != 1 || !is_int(PyTuple_GET_ITEM(shape, 0), 0)) return {};
    const bool is_b = PyBytes_CheckExact(kind) ? PyBytes_GET_SIZE(kind) == 1 && *PyBytes_AS_STRING(kind) == 'b'
                                               : is_letter(kind, "b");
    if (!is_b || numpy_attribute(state, state.names.ndarray).get() != cls) return {};
    Ref letter = Ref::checked(PyUnicode_FromString("b"));
    PyObject* args[] = {shape, letter};
    return Ref::checked(PyObject_Vectorcall(cls, args, 2, nullptr));
  });
}

Ref make_scalar(State& state, PyObject* type, PyObject* bytes) {
  return or_nothing([&]() -> Ref {
    NumpyBuilder& numpy = state.decoder_cache->numpy;
    numpy.learn();
    return numpy.scalar() != nullptr ? numpy.make_scalar(type, bytes) : Ref();
  });
}

}  // namespace brinery
