#include "module/pickler_memo.hpp"

#include "module/memo_view.hpp"

namespace brinery {

namespace {

Ref as_dict(const MemoTable& table) {
  Ref dict = Ref::checked(PyDict_New());
  for (std::size_t i = 0; i < table.objects().size(); ++i) {
    PyObject* object = table.objects()[i].get();
    Ref key = Ref::checked(PyLong_FromVoidPtr(object));
    Ref value = Ref::checked(Py_BuildValue("LO", static_cast<long long>(table.index_at(i)), object));
    check_status(PyDict_SetItem(dict, key, value));
  }
  return dict;
}

using View = MemoView<MemoTable, as_dict>;

}  // namespace

Ref make_pickler_memo_type(PyObject* module) { return View::make_type(module, "brinery.pickle.PicklerMemoProxy"); }

Ref new_pickler_memo(State& state, PyObject* pickler, MemoTable& table) {
  return View::make(state.pickler_memo_type, pickler, table);
}

void fill_memo(State& state, PyObject* value, MemoTable& table) {
  Ref dict;
  if (Py_TYPE(value) == reinterpret_cast<PyTypeObject*>(state.pickler_memo_type.get())) {
    dict = View::dict_of(value);
  } else if (PyDict_Check(value)) {
    dict = Ref::borrow(value);
  } else {
    raise(PyExc_TypeError, "'memo' attribute must be a PicklerMemoProxy object or dict, not %.200s",
          Py_TYPE(value)->tp_name);
  }
  PyObject *key = nullptr, *entry = nullptr;
  for (Py_ssize_t at = 0; PyDict_Next(dict, &at, &key, &entry) != 0;) {
    if (!PyTuple_Check(entry) || PyTuple_GET_SIZE(entry) != 2) {
      raise(PyExc_TypeError, "'memo' values must be 2-item tuples");
    }
    const Py_ssize_t index = PyLong_AsSsize_t(PyTuple_GET_ITEM(entry, 0));
    if (index == -1 && PyErr_Occurred() != nullptr) throw_python_error();
    PyObject* object = PyTuple_GET_ITEM(entry, 1);
    if (table.find(object) == MemoTable::absent) table.add_as(object, index);
  }
}

}  // namespace brinery
