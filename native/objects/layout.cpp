#include "objects/layout.hpp"

namespace brinery::layout {

#if BRINERY_KNOWS_LAYOUT

namespace {

bool reads_dict(PyObject* first, PyObject* second) {
  Ref dict = Ref::checked(PyDict_New());
  check_status(PyDict_SetItem(dict, first, Py_None));
  check_status(PyDict_SetItem(dict, second, Py_True));
  if (!is_unicode_table(dict) || dict_keys(dict)->used != 2) return false;
  const Entry* found = entries(dict_keys(dict));
  return found[0].key == first && found[0].value == Py_None && found[1].key == second && found[1].value == Py_True;
}

bool reads_instance(PyObject* type, PyObject* first, PyObject* second) {
  auto* as_type = reinterpret_cast<PyTypeObject*>(type);
  if (!has_inline_attributes(as_type)) return false;
  Ref warm = Ref::checked(PyObject_CallNoArgs(type));
  check_status(PyObject_SetAttr(warm, first, Py_None));
  check_status(PyObject_SetAttr(warm, second, Py_None));
  Ref object = Ref::checked(PyObject_CallNoArgs(type));
  check_status(PyObject_SetAttr(object, second, Py_True));
  check_status(PyObject_SetAttr(object, first, Py_False));

  Keys* keys = shared_keys(as_type);
  if (keys == nullptr || keys->kind != split_keys || keys->used != 2) return false;
  if (entries(keys)[0].key != first || entries(keys)[1].key != second) return false;
  Attributes found = inline_attributes(object);
  if (found.values == nullptr || *found.size != 2 || managed_dict(object) != nullptr) return false;
  if (found.index(0) != 1 || found.index(1) != 0) return false;
  if (found.values[0] != Py_False || found.values[1] != Py_True) return false;

  Ref dict = Ref::checked(PyObject_GenericGetDict(object, nullptr));
  return managed_dict(object) == dict.get() && inline_attributes(object).values == nullptr;
}

}  // namespace

bool verify() {
  Ref first = Ref::checked(PyUnicode_InternFromString("first"));
  Ref second = Ref::checked(PyUnicode_InternFromString("second"));
  Ref type = Ref::checked(PyObject_CallFunction(reinterpret_cast<PyObject*>(&PyType_Type), "s(){}", "Probe"));
  return reads_dict(first, second) && reads_instance(type, first, second);
}

#else

bool verify() { return false; }

#endif

}  // namespace brinery::layout
