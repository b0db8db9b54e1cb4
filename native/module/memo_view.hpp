// What Pickler.memo and Unpickler.memo have in common: an object with clear(), copy() and __reduce__ over a table that
// lives in another object.
#pragma once

#include "module/boundary.hpp"
#include "objects/ref.hpp"

namespace brinery {

// `Table` needs clear(); `as_dict` gives the dict that copy() answers with.
template <class Table, Ref (*as_dict)(const Table&)>
struct MemoView {
  struct Object {
    PyObject_HEAD Ref owner;
    Table* table;
  };

  static Object& fields(PyObject* self) { return *reinterpret_cast<Object*>(self); }

  static Ref make_type(PyObject* module, const char* name) {
    static PyMethodDef methods[] = {
        {"clear", clear, METH_NOARGS, "clear($self, /)\n--\n\nRemove all items from the memo."},
        {"copy", copy, METH_NOARGS, "copy($self, /)\n--\n\nReturn the memo as a dict."},
        {"__reduce__", reduce, METH_NOARGS, "__reduce__($self, /)\n--\n\nPickles as the dict that copy() gives."},
        {nullptr, nullptr, 0, nullptr},
    };
    PyType_Slot slots[] = {
        {Py_tp_dealloc, reinterpret_cast<void*>(deallocate)},
        {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
        {Py_tp_clear, reinterpret_cast<void*>(drop_owner)},
        {Py_tp_methods, methods},
        {Py_tp_hash, reinterpret_cast<void*>(PyObject_HashNotImplemented)},
        {0, nullptr},
    };
    PyType_Spec spec = {
        .name = name,
        .basicsize = sizeof(Object),
        .itemsize = 0,
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
        .slots = slots,
    };
    return Ref::checked(PyType_FromModuleAndSpec(module, &spec, nullptr));
  }

  static Ref make(PyObject* type_object, PyObject* owner, Table& table) {
    auto* type = reinterpret_cast<PyTypeObject*>(type_object);
    Ref self = Ref::checked(type->tp_alloc(type, 0));
    new (&fields(self).owner) Ref(Ref::borrow(owner));
    fields(self).table = &table;
    return self;
  }

  static Ref dict_of(PyObject* self) {
    return fields(self).owner ? as_dict(*fields(self).table) : Ref::checked(PyDict_New());
  }

 private:
  static int traverse(PyObject* self, visitproc visit, void* arg) {
    Py_VISIT(Py_TYPE(self));
    return fields(self).owner.visit(visit, arg);
  }
  static int drop_owner(PyObject* self) {
    fields(self).owner.reset();
    return 0;
  }
  static void deallocate(PyObject* self) {
    PyObject_GC_UnTrack(self);
    drop_owner(self);
    PyTypeObject* type = Py_TYPE(self);
    type->tp_free(self);
    Ref::steal(reinterpret_cast<PyObject*>(type));  // instances of heap types own their type
  }
  static PyObject* clear(PyObject* self, PyObject*) {
    if (fields(self).owner) fields(self).table->clear();
    Py_RETURN_NONE;
  }
  static PyObject* copy(PyObject* self, PyObject*) {
    return guard([&] { return dict_of(self); });
  }
  static PyObject* reduce(PyObject* self, PyObject*) {
    return guard([&] { return Ref::checked(Py_BuildValue("(O(N))", &PyDict_Type, dict_of(self).release())); });
  }
};

}  // namespace brinery
