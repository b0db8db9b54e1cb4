#include "objects/build_plan.hpp"

#include "objects/plan.hpp"

#include <structmember.h>  // needs Python.h before it

#include <initializer_list>
#include <string_view>
#include <utility>

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
  const Restore otherwise = PyFunction_Check(setstate) ? Restore::method : Restore::general;
  if (has_dict) return otherwise;
  Vector<Ref> names;
  if (is_stdlib_function(setstate, "dataclasses", "_dataclass_setstate")) {
    Ref fields_of = module_entry("dataclasses", "fields");
    if (!fields_of || !is_stdlib_function(fields_of, "dataclasses", "fields")) return otherwise;
    Ref fields = Ref::checked(PyObject_CallOneArg(fields_of, reinterpret_cast<PyObject*>(type)));
    if (!PyTuple_CheckExact(fields.get())) return otherwise;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(fields.get()); ++i) {
      names.push_back(get_attribute(PyTuple_GET_ITEM(fields.get(), i), "name"));
    }
    return find_offsets(plan, names) ? Restore::field_list : otherwise;
  }
  if (is_stdlib_function(setstate, "uuid", "UUID.__setstate__")) {
    Ref safety = module_entry("uuid", "SafeUUID");
    if (!safety) return otherwise;
    plan.unknown_safety = get_attribute(safety, "unknown");
    names.push_back(Ref::checked(PyUnicode_InternFromString("int")));
    names.push_back(Ref::checked(PyUnicode_InternFromString("is_safe")));
    return find_offsets(plan, names) ? Restore::uuid : otherwise;
  }
  return otherwise;
}

// `__new__`, `__init__` and the like as the standard library has them.
bool has_stdlib_method(PyTypeObject* type, const char* name, const char* module, const char* qualified_name) {
  Ref text = Ref::checked(PyUnicode_InternFromString(name));
  Ref found = Ref::borrow(_PyType_Lookup(type, text));
  if (!found) return false;
  if (Py_TYPE(found.get()) == &PyStaticMethod_Type || Py_TYPE(found.get()) == &PyClassMethod_Type) {
    found = get_attribute(found, "__func__");
  }
  return is_stdlib_function(found, module, qualified_name);
}

bool is_counter(PyTypeObject* type) {
  return module_entry("collections", "Counter").get() == reinterpret_cast<PyObject*>(type) &&
         type->tp_new == PyDict_Type.tp_new && Py_TYPE(type) == &PyType_Type &&
         has_stdlib_method(type, "__init__", "collections", "Counter.__init__") &&
         has_stdlib_method(type, "update", "collections", "Counter.update");
}

Vector<Ref> interned_names(std::initializer_list<const char*> texts) {
  Vector<Ref> names;
  for (const char* text : texts) names.push_back(Ref::checked(PyUnicode_InternFromString(text)));
  return names;
}

bool is_entry(PyTypeObject* type, const char* module, const char* name) {
  const Ref found = module_entry(module, name);
  return found && found.get() == reinterpret_cast<PyObject*>(type);
}

bool is_fraction(BuildPlan& plan) {
  return is_entry(plan.type, "fractions", "Fraction") && plan.type->tp_init == PyBaseObject_Type.tp_init &&
         has_stdlib_method(plan.type, "__new__", "fractions", "Fraction.__new__") &&
         plan.type->tp_setattro == PyObject_GenericSetAttr &&
         find_offsets(plan, interned_names({"_numerator", "_denominator"}));
}

#if PY_VERSION_HEX >= 0x030D0000
constexpr const char* path_module = "pathlib._local";
#else
constexpr const char* path_module = "pathlib";
#endif

bool is_posix_path(BuildPlan& plan) {
  const bool pure = is_entry(plan.type, path_module, "PurePosixPath");
  if (!pure && !is_entry(plan.type, path_module, "PosixPath")) return false;
  if (plan.type->tp_setattro != PyObject_GenericSetAttr) return false;
  if (!has_stdlib_method(plan.type, "__new__", path_module, pure ? "PurePath.__new__" : "Path.__new__")) return false;
#if PY_VERSION_HEX >= 0x030C0000
  if (!has_stdlib_method(plan.type, "__init__", path_module, "PurePath.__init__") &&
      !has_stdlib_method(plan.type, "__init__", path_module, "Path.__init__")) {
    return false;
  }
  return find_offsets(plan, interned_names({"_raw_paths"}));
#else
  if (plan.type->tp_init != PyBaseObject_Type.tp_init) return false;
  for (const auto& [name, qualified_name] :
       {std::pair{"_from_parts", "PurePath._from_parts"}, std::pair{"_parse_args", "PurePath._parse_args"}}) {
    if (!has_stdlib_method(plan.type, name, path_module, qualified_name)) return false;
  }
  Ref flavour = get_attribute(reinterpret_cast<PyObject*>(plan.type), "_flavour");
  if (!has_stdlib_method(Py_TYPE(flavour.get()), "parse_parts", path_module, "_Flavour.parse_parts") ||
      !has_stdlib_method(Py_TYPE(flavour.get()), "splitroot", path_module, "_PosixFlavour.splitroot")) {
    return false;
  }
  return find_offsets(plan, interned_names({"_drv", "_root", "_parts"}));
#endif
}

bool is_clock(PyTypeObject* type) {
  const std::string_view name = type->tp_name;
  return (type->tp_flags & Py_TPFLAGS_HEAPTYPE) == 0 && (name == "datetime.datetime" || name == "datetime.time");
}

// A class of the module ast that leaves making instances to ast.AST.
bool is_syntax_node(PyTypeObject* type) {
  Ref base = module_entry("ast", "AST");
  if (!base || !PyType_Check(base.get()) || Py_TYPE(type) != &PyType_Type) return false;
  auto* root = reinterpret_cast<PyTypeObject*>(base.get());
  return std::string_view(root->tp_name) == "ast.AST" && PyType_IsSubtype(type, root) != 0 &&
         type->tp_init == root->tp_init && type->tp_new == root->tp_new &&
         module_entry("ast", type->tp_name).get() == reinterpret_cast<PyObject*>(type);
}

// What is left of the offsets of a shape that did not fit would be taken for another's.
Make make_of(State& state, BuildPlan& plan) {
  PyTypeObject* type = plan.type;
  if (type == &PyODict_Type) return Make::ordered_dict;
  if (is_clock(type)) return Make::clock;
  if (PyType_IsSubtype(type, &PyTuple_Type) != 0) {
    return type != &PyTuple_Type && is_named_tuple_new(plan, state) ? Make::named_tuple : Make::general;
  }
  if ((type->tp_flags & Py_TPFLAGS_HEAPTYPE) == 0 || plan.restore == Restore::field_list ||
      plan.restore == Restore::uuid) {
    return Make::general;
  }
  plan.offsets.clear();
  if (is_counter(type)) return Make::counter;
  if (is_syntax_node(type)) return Make::syntax_node;
  if (is_fraction(plan)) return Make::fraction;
  if (is_posix_path(plan)) return Make::posix_path;
  plan.offsets.clear();
  return Make::general;
}

}  // namespace

BuildPlan& BuildPlanTable::renew(State& state, std::unique_ptr<BuildPlan>& slot, PyTypeObject* type) {
  auto plan = std::make_unique<BuildPlan>();
  plan->type = type;
  plan->inline_attributes = state.layout_verified && layout::has_inline_attributes(type);
  const bool plain_class = Py_TYPE(type)->tp_getattro == PyType_Type.tp_getattro;
  if (plain_class || Py_TYPE(type) == &PyType_Type) {
    plan->restore = restore_of(state, *plan);
    plan->make = make_of(state, *plan);
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
