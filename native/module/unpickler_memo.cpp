#include "module/unpickler_memo.hpp"

#include "module/memo_view.hpp"

namespace brinery {

namespace {

Ref as_dict(const DecodeMemo& memo) {
  Ref dict = Ref::checked(PyDict_New());
  memo.for_each([&](std::size_t index, PyObject* object) {
    check_status(PyDict_SetItem(dict, Ref::checked(PyLong_FromSize_t(index)), object));
  });
  return dict;
}

using View = MemoView<DecodeMemo, as_dict>;

}  // namespace

Ref make_unpickler_memo_type(PyObject* module) { return View::make_type(module, "brinery.pickle.UnpicklerMemoProxy"); }

Ref new_unpickler_memo(State& state, PyObject* unpickler, DecodeMemo& memo) {
  return View::make(state.unpickler_memo_type, unpickler, memo);
}

void fill_memo(State& state, PyObject* value, DecodeMemo& memo) {
  Ref dict;
  if (Py_TYPE(value) == reinterpret_cast<PyTypeObject*>(state.unpickler_memo_type.get())) {
    dict = View::dict_of(value);
  } else if (PyDict_Check(value)) {
    dict = Ref::borrow(value);
  } else {
    raise(PyExc_TypeError, "'memo' attribute must be an UnpicklerMemoProxy object or dict, not %.200s",
          Py_TYPE(value)->tp_name);
  }
  PyObject *key = nullptr, *object = nullptr;
  for (Py_ssize_t at = 0; PyDict_Next(dict, &at, &key, &object) != 0;) {
    if (!PyLong_Check(key)) raise(PyExc_TypeError, "memo key must be integers, not %.200s", Py_TYPE(key)->tp_name);
    const Py_ssize_t index = PyLong_AsSsize_t(key);
    if (index == -1 && PyErr_Occurred() != nullptr) throw_python_error();
    if (index < 0) raise(PyExc_ValueError, "memo key must be positive integers.");
    memo.put(static_cast<std::size_t>(index), object);
  }
}

}  // namespace brinery
