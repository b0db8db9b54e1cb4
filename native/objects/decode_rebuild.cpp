// Values of standard library classes whose constructors are written in Python, made without them.
//
// Each takes only arguments for which the outcome is foreseeable: those that the classes themselves pickle.
#include <numeric>

#include "objects/decoder.hpp"

namespace brinery {

namespace {

void set_fresh_slot(PyObject* object, Py_ssize_t offset, Ref value) {
  *reinterpret_cast<PyObject**>(reinterpret_cast<char*>(object) + offset) = value.release();
}

Ref fresh(BuildPlan& plan) { return Ref::checked(plan.type->tp_alloc(plan.type, 0)); }

}  // namespace

// Counter(dict): Counter.update() of an empty one takes the mapping as it is.
Ref Decoder::make_counter(PyTypeObject* type, PyObject* args) {
  if (PyTuple_GET_SIZE(args) != 1 || !PyDict_CheckExact(PyTuple_GET_ITEM(args, 0))) return {};
  ForeignCode foreign(*this);  // keys may be anyone's
  Ref made = Ref::checked(type->tp_new(type, state_.empty_tuple, nullptr));
  check_status(PyDict_Update(made, PyTuple_GET_ITEM(args, 0)));
  return made;
}

// Fraction(numerator, denominator) in lowest terms.
Ref Decoder::make_fraction(BuildPlan& plan, PyObject* numerator, PyObject* denominator) {
  if (!PyLong_CheckExact(numerator) || !PyLong_CheckExact(denominator)) return {};
  int overflow = 0;
  const long long above = PyLong_AsLongLongAndOverflow(numerator, &overflow);
  if (overflow != 0 || above == LLONG_MIN) return {};
  const long long below = PyLong_AsLongLongAndOverflow(denominator, &overflow);
  if (overflow != 0 || below <= 0 || std::gcd(above, below) != 1) return {};
  Ref made = fresh(plan);
  set_fresh_slot(made, plan.offsets[0], Ref::borrow(numerator));
  set_fresh_slot(made, plan.offsets[1], Ref::borrow(denominator));
  return made;
}

#if PY_VERSION_HEX >= 0x030C0000

// The constructor keeps the texts as they are, and looks into them when asked.
Ref Decoder::make_path(BuildPlan& plan, PyObject* args) {
  const Py_ssize_t count = PyTuple_GET_SIZE(args);
  for (Py_ssize_t i = 0; i < count; ++i) {
    if (!PyUnicode_CheckExact(PyTuple_GET_ITEM(args, i))) return {};
  }
  Ref parts = Ref::checked(PySequence_List(args));
  Ref made = fresh(plan);
  set_fresh_slot(made, plan.offsets[0], std::move(parts));
  return made;
}

#else

// The parts of a path as it was: a root perhaps, then names.
Ref Decoder::make_path(BuildPlan& plan, PyObject* args) {
  const Py_ssize_t count = PyTuple_GET_SIZE(args);
  const auto is_text = [](PyObject* part, const char* text) {
    return PyUnicode_CompareWithASCIIString(part, text) == 0;
  };
  bool rooted = false;
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyObject* part = PyTuple_GET_ITEM(args, i);
    if (!PyUnicode_CheckExact(part) || PyUnicode_GET_LENGTH(part) == 0 || is_text(part, ".")) return {};
    if (i == 0 && is_text(part, "/")) {
      rooted = true;
    } else if (PyUnicode_FindChar(part, '/', 0, PyUnicode_GET_LENGTH(part), 1) != -1) {
      return {};
    }
  }
  Ref parts = Ref::checked(PyList_New(count));
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyObject* part = Py_NewRef(PyTuple_GET_ITEM(args, i));
    PyUnicode_InternInPlace(&part);
    PyList_SET_ITEM(parts.get(), i, part);
  }
  Ref made = fresh(plan);
  set_fresh_slot(made, plan.offsets[0], Ref::checked(PyUnicode_FromStringAndSize("", 0)));
  set_fresh_slot(made, plan.offsets[1], Ref::checked(PyUnicode_FromStringAndSize("/", rooted ? 1 : 0)));
  set_fresh_slot(made, plan.offsets[2], std::move(parts));
  return made;
}

#endif

Ref Decoder::rebuild_numpy(PyObject* callable, PyObject* args) {
  if (callable == cache_.numpy.from_buffer()) return cache_.numpy.make_array(args);
  if (callable == cache_.numpy.scalar() && PyTuple_GET_SIZE(args) == 2) {
    return cache_.numpy.make_scalar(PyTuple_GET_ITEM(args, 0), PyTuple_GET_ITEM(args, 1));
  }
  return {};
}

}  // namespace brinery
