#include "module/pickler_memo.hpp"

#include "module/boundary.hpp"

namespace brinery {

namespace {

struct MemoObject {
  PyObject_HEAD
  Ref pickler;
  MemoTable* table;
};

MemoObject& memo(PyObject* self) { return *reinterpret_cast<MemoObject*>(self); }

int memo_traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  return memo(self).pickler.visit(visit, arg);
}

int memo_clear_references(PyObject* self) {
  memo(self).pickler.reset();
  return 0;
}

void memo_dealloc(PyObject* self) {
  PyObject_GC_UnTrack(self);
  memo_clear_references(self);
  PyTypeObject* type = Py_TYPE(self);
  type->tp_free(self);
  Ref::steal(reinterpret_cast<PyObject*>(type));
}

PyObject* memo_clear(PyObject* self, PyObject*) {
  if (memo(self).pickler) memo(self).table->clear();
  Py_RETURN_NONE;
}

Ref as_dict(PyObject* self) {
  Ref dict = Ref::checked(PyDict_New());
  if (!memo(self).pickler) return dict;
  const MemoTable& table = *memo(self).table;
  for (std::size_t i = 0; i < table.objects().size(); ++i) {
    PyObject* object = table.objects()[i].get();
    Ref key = Ref::checked(PyLong_FromVoidPtr(object));
    Ref value = Ref::checked(Py_BuildValue("LO", static_cast<long long>(table.index_at(i)), object));
    check_status(PyDict_SetItem(dict, key, value));
  }
  return dict;
}

PyObject* memo_copy(PyObject* self, PyObject*) {
  return guard([&] { return as_dict(self); });
}

// Pickles as the dict that copy() gives.
PyObject* memo_reduce(PyObject* self, PyObject*) {
  return guard([&] { return Ref::checked(Py_BuildValue("(O(N))", &PyDict_Type, as_dict(self).release())); });
}

PyMethodDef memo_methods[] = {
    {"clear", memo_clear, METH_NOARGS, "clear($self, /)\n--\n\nRemove all items from the memo."},
    {"copy", memo_copy, METH_NOARGS, "copy($self, /)\n--\n\nReturn the memo as a dict {id: (index, object)}."},
    {"__reduce__", memo_reduce, METH_NOARGS, "__reduce__($self, /)\n--\n\nPickles as the dict that copy() gives."},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot memo_slots[] = {
    {Py_tp_dealloc, reinterpret_cast<void*>(memo_dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(memo_traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(memo_clear_references)},
    {Py_tp_methods, memo_methods},
    {Py_tp_hash, reinterpret_cast<void*>(PyObject_HashNotImplemented)},
    {0, nullptr},
};

PyType_Spec memo_spec = {
    .name = "brinery.pickle.PicklerMemoProxy",
    .basicsize = sizeof(MemoObject),
    .itemsize = 0,
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = memo_slots,
};

}  // namespace

Ref make_pickler_memo_type(PyObject* module) {
  return Ref::checked(PyType_FromModuleAndSpec(module, &memo_spec, nullptr));
}

Ref new_pickler_memo(State& state, PyObject* pickler, MemoTable& table) {
  auto* type = reinterpret_cast<PyTypeObject*>(state.pickler_memo_type.get());
  Ref self = Ref::checked(type->tp_alloc(type, 0));
  new (&memo(self).pickler) Ref(Ref::borrow(pickler));
  memo(self).table = &table;
  return self;
}

void fill_memo(State& state, PyObject* value, MemoTable& table) {
  Ref dict;
  if (Py_TYPE(value) == reinterpret_cast<PyTypeObject*>(state.pickler_memo_type.get())) {
    dict = as_dict(value);
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
