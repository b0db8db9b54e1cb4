#include "objects/build_plan.hpp"

#include "objects/plan.hpp"

#include <structmember.h>  // needs Python.h before it

namespace brinery {

namespace {

Ref loaded_module(const char* name) {
  Ref text = Ref::checked(PyUnicode_FromString(name));
  Ref module = Ref::steal(PyImport_GetModule(text));
  if (!module && PyErr_Occurred() != nullptr) throw_python_error();
  return module && PyModule_CheckExact(module.get()) ? module : Ref();
}

Ref module_entry(const char* module, const char* name) {
  Ref loaded = loaded_module(module);
  return loaded ? Ref::borrow(PyDict_GetItemString(PyModule_GetDict(loaded), name)) : Ref();
}

// A function as its module of the standard library defined it.
bool is_stdlib_function(PyObject* found, const char* module, const char* qualified_name) {
  if (found == nullptr || !PyFunction_Check(found)) return false;
  Ref loaded = loaded_module(module);
  if (!loaded || PyFunction_GET_GLOBALS(found) != PyModule_GetDict(loaded)) return false;
  return PyUnicode_CompareWithASCIIString(reinterpret_cast<PyFunctionObject*>(found)->func_qualname, qualified_name) ==
         0;
}

Py_ssize_t slot_offset(PyTypeObject* type, PyObject* name) {
  PyObject* found = _PyType_Lookup(type, name);
  if (found == nullptr || Py_TYPE(found) != &PyMemberDescr_Type) return -1;
  PyMemberDef* member = reinterpret_cast<PyMemberDescrObject*>(found)->d_member;
  return member->type == T_OBJECT_EX ? member->offset : -1;
}

bool find_offsets(BuildPlan& plan, const Vector<Ref>& names) {
  for (const Ref& name : names) {
    const Py_ssize_t offset = slot_offset(plan.type, name);
    if (offset < 0) return false;
    plan.offsets.push_back(offset);
  }
  return true;
}

// Two functions that do the same: same instructions on the same names and constants.
bool same_code(PyObject* one, PyObject* other) {
  for (const char* part : {"co_code", "co_names", "co_consts", "co_argcount", "co_flags"}) {
    Ref left = get_attribute(one, part);
    Ref right = get_attribute(other, part);
    if (check_status(PyObject_RichCompareBool(left, right, Py_EQ)) == 0) return false;
  }
  return true;
}

// The __new__ of a namedtuple, compared with that of one made for the purpose.
bool is_named_tuple_new(BuildPlan& plan, State& state) {
  PyObject* found = _PyType_Lookup(plan.type, state.names.__new__);
  if (found == nullptr || Py_TYPE(found) != &PyStaticMethod_Type) return false;
  Ref function = get_attribute(found, "__func__");
  if (!PyFunction_Check(function.get())) return false;
  Ref constructor = Ref::borrow(PyDict_GetItemString(PyFunction_GET_GLOBALS(function.get()), "_tuple_new"));
  Ref tuple_new = get_attribute(reinterpret_cast<PyObject*>(&PyTuple_Type), state.names.__new__);
  if (!constructor || constructor.get() == nullptr) return false;
  if (!PyCFunction_Check(constructor.get()) || !PyCFunction_Check(tuple_new.get()) ||
      PyCFunction_GET_SELF(constructor.get()) != PyCFunction_GET_SELF(tuple_new.get()) ||
      PyCFunction_GET_FUNCTION(constructor.get()) != PyCFunction_GET_FUNCTION(tuple_new.get())) {
    return false;
  }
  Ref factory = module_entry("collections", "namedtuple");
  if (!factory || !is_stdlib_function(factory, "collections", "namedtuple")) return false;
  Ref count = get_attribute(PyFunction_GET_CODE(function.get()), "co_argcount");
  const Py_ssize_t fields = PyLong_AsSsize_t(count) - 1;
  if (fields < 0) return false;
  Ref names = Ref::checked(PyList_New(0));
  for (Py_ssize_t i = 0; i < fields; ++i) {
    check_status(PyList_Append(names, Ref::checked(PyUnicode_FromFormat("f%zd", i))));
  }
  Ref model = Ref::checked(PyObject_CallFunction(factory, "sO", "Model", names.get()));
  PyObject* model_new = _PyType_Lookup(reinterpret_cast<PyTypeObject*>(model.get()), state.names.__new__);
  if (model_new == nullptr || Py_TYPE(model_new) != &PyStaticMethod_Type) return false;
  Ref model_function = get_attribute(model_new, "__func__");
  if (!PyFunction_Check(model_function.get()) ||
      !same_code(PyFunction_GET_CODE(function.get()), PyFunction_GET_CODE(model_function.get()))) {
    return false;
  }
  plan.field_count = fields;
  return true;
}

bool is_enum(State& state, PyTypeObject* type) {
  PyTypeObject* metatype = Py_TYPE(type);
  if (metatype == &PyType_Type) return false;
  Ref call = Ref::checked(PyUnicode_InternFromString("__call__"));
  if (!is_stdlib_function(_PyType_Lookup(metatype, call), "enum", "EnumType.__call__")) return false;
  PyObject* constructor = _PyType_Lookup(type, state.names.__new__);
  Ref function = Ref::borrow(constructor);
  if (constructor != nullptr && Py_TYPE(constructor) == &PyStaticMethod_Type)
    function = get_attribute(constructor, "__func__");
  return is_stdlib_function(function, "enum", "Enum.__new__");
}

// Whether this `__dict__` of a type gives the dict that its instances keep their attributes in.
bool is_ordinary_dict(PyTypeObject* type, PyObject* descriptor) {
  if (descriptor == nullptr || Py_TYPE(descriptor) != &PyGetSetDescr_Type) return false;
  if (PyType_IsSubtype(type, &PyType_Type) != 0) return false;  // classes show a proxy
  const auto* getset = reinterpret_cast<PyGetSetDescrObject*>(descriptor)->d_getset;
  return getset->get == PyObject_GenericGetDict || (PyDescr_TYPE(descriptor)->tp_flags & Py_TPFLAGS_HEAPTYPE) != 0;
}

Restore restore_of(State& state, BuildPlan& plan) {
  PyTypeObject* type = plan.type;
  const auto lookup = [&](PyObject* name) { return _PyType_Lookup(type, name); };
  if (!is_generic_getattribute(lookup(state.names.__getattribute__))) return Restore::general;
  PyObject* setstate = lookup(state.names.__setstate__);
  if (setstate == nullptr) {
    if (lookup(state.names.__getattr__) != nullptr) return Restore::general;
    // What `__dict__` leads to: object's own way to it, or what the class says.
    PyObject* dict = lookup(state.names.__dict__);
    plan.plain_dict = is_ordinary_dict(type, dict);
    plan.inline_attributes = plan.inline_attributes && plan.plain_dict;
    return Restore::plain;
  }
  // An instance attribute of that name would be asked for first: only without a dict can there be none.
  const bool has_dict = type->tp_dictoffset != 0 || (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) != 0;
  if (has_dict) return Restore::general;
  Vector<Ref> names;
  if (is_stdlib_function(setstate, "dataclasses", "_dataclass_setstate")) {
    Ref fields_of = module_entry("dataclasses", "fields");
    if (!fields_of || !is_stdlib_function(fields_of, "dataclasses", "fields")) return Restore::general;
    Ref fields = Ref::checked(PyObject_CallOneArg(fields_of, reinterpret_cast<PyObject*>(type)));
    if (!PyTuple_CheckExact(fields.get())) return Restore::general;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(fields.get()); ++i) {
      names.push_back(get_attribute(PyTuple_GET_ITEM(fields.get(), i), "name"));
    }
    return find_offsets(plan, names) ? Restore::field_list : Restore::general;
  }
  if (is_stdlib_function(setstate, "uuid", "UUID.__setstate__")) {
    Ref safety = module_entry("uuid", "SafeUUID");
    if (!safety) return Restore::general;
    plan.unknown_safety = get_attribute(safety, "unknown");
    names.push_back(Ref::checked(PyUnicode_InternFromString("int")));
    names.push_back(Ref::checked(PyUnicode_InternFromString("is_safe")));
    return find_offsets(plan, names) ? Restore::uuid : Restore::general;
  }
  return Restore::general;
}

}  // namespace

BuildPlan& BuildPlanTable::renew(State& state, std::unique_ptr<BuildPlan>& slot, PyTypeObject* type) {
  auto plan = std::make_unique<BuildPlan>();
  plan->type = type;
  plan->inline_attributes = state.layout_verified && layout::has_inline_attributes(type);
  const bool plain_class = Py_TYPE(type)->tp_getattro == PyType_Type.tp_getattro;
  if (plain_class || Py_TYPE(type) == &PyType_Type) {
    plan->restore = restore_of(state, *plan);
    if (PyType_IsSubtype(type, &PyTuple_Type) != 0 && type != &PyTuple_Type && is_named_tuple_new(*plan, state)) {
      plan->make = Make::named_tuple;
    }
  }
  plan->is_enum = is_enum(state, type);
  plan->metatype_tag = Py_TYPE(type)->tp_version_tag;
#if PY_VERSION_HEX >= 0x030C0000
  PyUnstable_Type_AssignVersionTag(type);
#else
  (void)_PyType_Lookup(type, state.names.__setstate__);
#endif
  plan->tag = type->tp_version_tag;
  if (plan->tag == 0) {  // nothing would tell us of a change
    plan->restore = Restore::general;
    plan->make = Make::general;
    plan->is_enum = false;
    plan->inline_attributes = plan->plain_dict = false;
  }
  slot = std::move(plan);
  return *slot;
}

}  // namespace brinery
