#include "objects/recognise.hpp"

#include <algorithm>
#include <cstring>

#include "objects/numpy_facts.hpp"

namespace brinery {

namespace {

PyObject* object_attribute(PyObject* name) { return _PyType_Lookup(&PyBaseObject_Type, name); }

bool is_heap_type(PyTypeObject* type) { return (type->tp_flags & Py_TPFLAGS_HEAPTYPE) != 0; }

// The member descriptor behind an ordinary slot of a class, or null.
PyMemberDef* object_member(PyObject* found) {
  if (found == nullptr || Py_TYPE(found) != &PyMemberDescr_Type) return nullptr;
  PyMemberDef* member = reinterpret_cast<PyMemberDescrObject*>(found)->d_member;
  return member->type == T_OBJECT_EX ? member : nullptr;
}

}  // namespace

bool Recogniser::inherits_from_object(PyObject* name) const { return lookup(name) == object_attribute(name); }

bool Recogniser::is_method_of(PyObject* found, PyTypeObject* owner) const {
  return found != nullptr && Py_TYPE(found) == &PyMethodDescr_Type && PyDescr_TYPE(found) == owner;
}

// A function as its module of the standard library defined it: its globals are that module's.
bool Recogniser::is_stdlib_function(PyObject* found, const char* module, const char* qualified_name) const {
  if (found == nullptr || !PyFunction_Check(found)) return false;
  Ref name = Ref::checked(PyUnicode_FromString(module));
  Ref loaded = Ref::steal(PyImport_GetModule(name));
  if (!loaded || !PyModule_Check(loaded.get())) return false;
  if (PyFunction_GET_GLOBALS(found) != PyModule_GetDict(loaded)) return false;
  PyObject* own_name = reinterpret_cast<PyFunctionObject*>(found)->func_qualname;
  return PyUnicode_CompareWithASCIIString(own_name, qualified_name) == 0;
}

Ref Recogniser::stdlib_object(const char* module, const char* name) const {
  Ref module_name = Ref::checked(PyUnicode_FromString(module));
  Ref loaded = Ref::steal(PyImport_GetModule(module_name));
  if (!loaded || !PyModule_CheckExact(loaded.get())) return {};
  return Ref::borrow(PyDict_GetItemString(PyModule_GetDict(loaded), name));
}

// Plain instances as they look, which may belong to this process all the same: encode()'s hook decides about each.
bool Recogniser::derives_from_refused() const {
  static constexpr const char* refused[][2] = {
      {"threading", "Thread"}, {"subprocess", "Popen"}, {"concurrent.futures._base", "Future"}};
  return std::ranges::any_of(refused, [&](const auto& name) {
    const Ref base = stdlib_object(name[0], name[1]);
    return base && PyType_Check(base.get()) &&
           PyType_IsSubtype(type_, reinterpret_cast<PyTypeObject*>(base.get())) != 0;
  });
}

bool Recogniser::is_stdlib_type(const char* module, const char* name) const {
  return stdlib_object(module, name).get() == reinterpret_cast<PyObject*>(type_);
}

// Reading an attribute of an instance asks the type and the instance, nobody else.
bool Recogniser::plain_attribute_access() const {
  return is_generic_getattribute(lookup(state_.names.__getattribute__)) && inherits_from_object(state_.names.__class__);
}

// Takes down module and qualified name; false where they are not plain text.
bool Recogniser::name_class() {
  if (Py_TYPE(type_)->tp_getattro != PyType_Type.tp_getattro) return false;
  auto* as_object = reinterpret_cast<PyObject*>(type_);
  Ref module_name = get_attribute(as_object, state_.names.__module__);
  Ref qualified_name = get_attribute(as_object, state_.names.__qualname__);
  if (!PyUnicode_CheckExact(module_name.get()) || !PyUnicode_CheckExact(qualified_name.get())) return false;
  plan_.module_name = std::move(module_name);
  plan_.qualified_name = std::move(qualified_name);
  return true;
}

void Recogniser::run() {
  if (PyType_IsSubtype(type_, &PyType_Type) != 0) return;          // classes go by name
  if (lookup(state_.names.__brinery_reduce__) != nullptr) return;  // the class has a say, and encode()'s hook asks it
  if (derives_from_refused()) return;
  if (recognise_complex()) return;
  if (!plain_attribute_access() || !name_class()) return;
  plan_.has_dict = type_->tp_dictoffset != 0 || (type_->tp_flags & Py_TPFLAGS_MANAGED_DICT) != 0;
  if (recognise_numpy() || recognise_enum() || recognise_datetime() || recognise_reduce()) return;
  if (recognise_value() || recognise_instance()) return;
  plan_.shape = Shape::general;
  plan_.slots.clear();
  plan_.module_name.reset();
  plan_.qualified_name.reset();
}

bool Recogniser::recognise_complex() {
  if (type_ != &PyComplex_Type || !name_class()) return false;
  PyObject* registered = PyDict_GetItem(state_.dispatch_table, reinterpret_cast<PyObject*>(type_));
  if (!is_stdlib_function(registered, "copyreg", "pickle_complex")) return false;
  plan_.shape = Shape::complex_number;
  return true;
}

bool Recogniser::recognise_numpy() {
  if (std::strncmp(type_->tp_name, "numpy.", 6) != 0 || is_heap_type(type_)) return false;
  if (!table_.numpy) table_.numpy = std::make_unique<NumpyFacts>(learn_numpy());
  NumpyFacts& facts = *table_.numpy;
  if (!facts.usable) return false;
  if (type_ == facts.array_type) {
    plan_.shape = Shape::array;
    return true;
  }
  Ref generic = get_attribute(facts.module, "generic");
  auto* base = reinterpret_cast<PyTypeObject*>(generic.get());
  if (PyType_IsSubtype(type_, base) == 0 || !is_method_of(lookup(state_.names.__reduce__), base)) return false;
  plan_.scalar_type = get_attribute(example_, "dtype");
  Ref kind = get_attribute(plan_.scalar_type, "kind");
  if (PyUnicode_FindChar(Ref::checked(PyUnicode_FromString("biufc")), PyUnicode_READ_CHAR(kind.get(), 0), 0, 5, 1) <
      0) {
    return false;
  }
  // The value stands right behind the object header: seen on a number whose bytes are not all alike.
  Ref number = Ref::checked(PyObject_CallFunction(reinterpret_cast<PyObject*>(type_), "i", 1));
  Ref bytes = Ref::checked(PyObject_CallMethod(number, "tobytes", nullptr));
  if (Py_TYPE(number.get()) != type_ || !PyBytes_Check(bytes.get())) return false;
  plan_.value_size = PyBytes_GET_SIZE(bytes.get());
  if (type_->tp_basicsize < static_cast<Py_ssize_t>(sizeof(PyObject)) + plan_.value_size) return false;
  const char* value = reinterpret_cast<const char*>(number.get()) + sizeof(PyObject);
  if (std::memcmp(value, PyBytes_AS_STRING(bytes.get()), static_cast<std::size_t>(plan_.value_size)) != 0) return false;
  plan_.shape = Shape::scalar;
  return true;
}

bool Recogniser::recognise_enum() {
  if (!is_stdlib_function(lookup(state_.names.__reduce_ex__), "enum", "Enum.__reduce_ex__")) return false;
  Ref name = Ref::checked(PyUnicode_InternFromString("_value_"));
  PyObject* found = lookup(name);
  if (found != nullptr && Py_TYPE(found)->tp_descr_get != nullptr) return false;
  plan_.shape = Shape::enum_member;
  return true;
}

bool Recogniser::recognise_datetime() {
  if (std::strncmp(type_->tp_name, "datetime.", 9) != 0 || is_heap_type(type_)) return false;
  static constexpr struct {
    const char* name;
    Shape shape;
  } known[] = {{"date", Shape::date},
               {"time", Shape::time},
               {"datetime", Shape::date_time},
               {"timedelta", Shape::time_delta},
               {"timezone", Shape::trusted_reduce}};
  for (const auto& each : known) {
    if (!is_stdlib_type("datetime", each.name)) continue;
    plan_.shape = each.shape;
    return true;
  }
  return false;
}

// Types with a __reduce__ of their own.
bool Recogniser::recognise_reduce() {
  if (!inherits_from_object(state_.names.__reduce_ex__)) return false;
  PyObject* reduce = lookup(state_.names.__reduce__);
  if (reduce == object_attribute(state_.names.__reduce__)) return false;
  return recognise_collection(reduce) || recognise_number_or_path(reduce) || recognise_trusted(reduce);
}

bool Recogniser::recognise_collection(PyObject* reduce) {
  static constexpr struct {
    const char* name;
    Shape shape;
  } known[] = {{"OrderedDict", Shape::ordered_dict}, {"defaultdict", Shape::default_dict}, {"deque", Shape::deque}};
  for (const auto& each : known) {
    if (!is_stdlib_type("collections", each.name) || !is_method_of(reduce, type_)) continue;
    plan_.shape = each.shape;
    return true;
  }
  if (is_stdlib_function(reduce, "collections", "Counter.__reduce__") && PyDict_Check(example_)) {
    // dict(counter) asks for keys() unless the iteration is dict's own
    if (type_->tp_iter != PyDict_Type.tp_iter) return false;
    plan_.shape = Shape::counter;
    return true;
  }
  return false;
}

bool Recogniser::recognise_number_or_path(PyObject* reduce) {
  if (is_stdlib_type("decimal", "Decimal") && is_method_of(reduce, type_)) {
    plan_.shape = Shape::decimal;
    return true;
  }
  if (is_stdlib_type("fractions", "Fraction") && is_stdlib_function(reduce, "fractions", "Fraction.__reduce__")) {
    Ref numerator = Ref::checked(PyUnicode_InternFromString("_numerator"));
    Ref denominator = Ref::checked(PyUnicode_InternFromString("_denominator"));
    for (PyObject* name : {numerator.get(), denominator.get()}) {
      PyMemberDef* member = object_member(lookup(name));
      if (member == nullptr) return false;
      plan_.slots.push_back({Ref::borrow(name), member->offset});
    }
    plan_.shape = Shape::fraction;
    return true;
  }
#if PY_VERSION_HEX >= 0x030D0000
  constexpr const char* path_module = "pathlib._local";
  constexpr const char* path_parts = "_raw_paths";
#else
  constexpr const char* path_module = "pathlib";
  constexpr const char* path_parts = "_parts";
#endif
  if (is_stdlib_function(reduce, path_module, "PurePath.__reduce__")) {
    Ref name = Ref::checked(PyUnicode_InternFromString(path_parts));
    PyMemberDef* member = object_member(lookup(name));
    // 3.12 works the parts out from other slots, with its own Python code
    plan_.shape = member != nullptr ? Shape::path : Shape::general;
    if (member != nullptr) plan_.slots.push_back({name, member->offset});
    return member != nullptr;
  }
  return false;
}

// Types of the interpreter's own whose __reduce__ runs nothing else.
bool Recogniser::recognise_trusted(PyObject* reduce) {
  auto* exception = reinterpret_cast<PyTypeObject*>(PyExc_BaseException);
  if (Ref node = stdlib_object("ast", "AST"); node && PyType_Check(node.get())) {
    auto* ast = reinterpret_cast<PyTypeObject*>(node.get());
    if (PyType_IsSubtype(type_, ast) != 0 && is_method_of(reduce, ast)) {
#if PY_VERSION_HEX >= 0x030D0000
      plan_.shape = Shape::trusted_reduce;
#else
      const bool has_plain_dict = type_->tp_dictoffset > 0 && (type_->tp_flags & Py_TPFLAGS_MANAGED_DICT) == 0;
      plan_.shape = has_plain_dict ? Shape::ast_node : Shape::trusted_reduce;
#endif
      return true;
    }
  }
  for (PyTypeObject* owner : {exception, &PyCFunction_Type, &PyMethod_Type, &PyRange_Type, &PySlice_Type}) {
    if (!is_method_of(reduce, owner) || (owner != exception && owner != type_)) continue;
    plan_.shape = Shape::trusted_reduce;
    plan_.module_name.reset();  // the class is written by the general way
    plan_.qualified_name.reset();
    return true;
  }
  return false;
}

// object.__getstate__ refuses types with C fields that nobody accounts for.
bool Recogniser::fits_default_state(bool has_arguments) const {
  if (has_arguments) return true;
  if (type_->tp_itemsize != 0) return false;
  Py_ssize_t size = PyBaseObject_Type.tp_basicsize;
  if (type_->tp_dictoffset != 0 && (type_->tp_flags & Py_TPFLAGS_MANAGED_DICT) == 0) size += sizeof(PyObject*);
  if (type_->tp_weaklistoffset > 0) size += sizeof(PyObject*);
  size += static_cast<Py_ssize_t>(sizeof(PyObject*) * plan_.slots.size());
  return type_->tp_basicsize <= size;
}

// Subclasses of immutable builtins whose __getnewargs__ is the builtin's own, and namedtuples.
bool Recogniser::recognise_value() {
  if (!is_heap_type(type_) || !inherits_from_object(state_.names.__reduce_ex__) ||
      !inherits_from_object(state_.names.__reduce__) || !inherits_from_object(state_.names.__getstate__) ||
      lookup(state_.names.__getnewargs_ex__) != nullptr) {
    return false;
  }
  PyObject* arguments = lookup(state_.names.__getnewargs__);
  if (arguments == nullptr) return false;
  struct Known {
    PyTypeObject* base;
    Shape shape;
  };
  for (const Known& each : {Known{&PyFloat_Type, Shape::float_value}, Known{&PyLong_Type, Shape::int_value},
                            Known{&PyUnicode_Type, Shape::str_value}, Known{&PyTuple_Type, Shape::tuple_value}}) {
    if (PyType_IsSubtype(type_, each.base) == 0 || type_ == each.base) continue;
    const bool named = each.base == &PyTuple_Type && PyFunction_Check(arguments) &&
                       PyUnicode_CompareWithASCIIString(reinterpret_cast<PyFunctionObject*>(arguments)->func_name,
                                                        "__getnewargs__") == 0;
    if (named) {
      // namedtuple() makes this function anew for each class, always from the same code in its own module
      Ref factory = stdlib_object("collections", "namedtuple");
      if (!factory || !PyFunction_Check(factory.get())) return false;
      PyObject* code = PyFunction_GET_CODE(arguments);
      Ref constants = get_attribute(PyFunction_GET_CODE(factory.get()), "co_consts");
      bool same_code = false;
      for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(constants.get()); ++i) {
        same_code |= PyTuple_GET_ITEM(constants.get(), i) == code;
      }
      if (!same_code) return false;
      plan_.shape = Shape::named_tuple;
    } else if (is_method_of(arguments, each.base)) {
      plan_.shape = each.shape;
    } else {
      return false;
    }
    return collect_slots(nullptr) && plan_.slots.empty();
  }
  return false;
}

bool Recogniser::recognise_instance() {
  if (!inherits_from_object(state_.names.__reduce_ex__) || !inherits_from_object(state_.names.__reduce__) ||
      lookup(state_.names.__getnewargs_ex__) != nullptr || lookup(state_.names.__getnewargs__) != nullptr) {
    return false;
  }
  if (PyList_Check(example_) || PyDict_Check(example_) || !is_heap_type(type_)) return false;
  PyObject* getstate = lookup(state_.names.__getstate__);
  if (getstate != object_attribute(state_.names.__getstate__)) {
    if (recognise_field_list(getstate)) return true;
    if (is_stdlib_type("uuid", "UUID") && is_stdlib_function(getstate, "uuid", "UUID.__getstate__")) {
      for (const char* text : {"int", "is_safe"}) {
        Ref name = Ref::checked(PyUnicode_InternFromString(text));
        PyMemberDef* member = object_member(lookup(name));
        if (member == nullptr) return false;
        plan_.slots.push_back({name, member->offset});
      }
      Ref safety = stdlib_object("uuid", "SafeUUID");
      plan_.scalar_type = get_attribute(safety, "unknown");
      plan_.shape = Shape::uuid;
      return true;
    }
    // Anything callable in the class will do: it is called through the instance.
    plan_.shape = Shape::own_getstate;
    return PyFunction_Check(getstate);
  }
  plan_.shape = Shape::instance;
  return collect_slots(nullptr) && fits_default_state(false) && (plan_.slots.empty() || !plan_.has_dict);
}

// Takes down the slots that copyreg._slotnames() lists, in its order.
bool Recogniser::collect_slots(PyObject* names) {
  Ref listed = Ref::borrow(names);
  if (!listed) {
    listed = Ref::borrow(PyDict_GetItemWithError(type_->tp_dict, state_.names.__slotnames__));
  }
  if (!listed && PyErr_Occurred() != nullptr) throw_python_error();
  if (!listed) {
    Ref copyreg = import_module("copyreg");
    listed = Ref::checked(PyObject_CallMethod(copyreg, "_slotnames", "O", reinterpret_cast<PyObject*>(type_)));
  }
  if (listed.get() == Py_None) return true;
  if (!PyList_CheckExact(listed.get()) && !PyTuple_CheckExact(listed.get())) return false;
  const Py_ssize_t size = PySequence_Fast_GET_SIZE(listed.get());
  for (Py_ssize_t i = 0; i < size; ++i) {
    PyObject* name = PySequence_Fast_GET_ITEM(listed.get(), i);
    if (!PyUnicode_CheckExact(name)) return false;
    PyMemberDef* member = object_member(lookup(name));
    if (member == nullptr) return false;
    plan_.slots.push_back({Ref::borrow(name), member->offset});
  }
  // An unset slot would be asked for through __getattr__.
  return size == 0 || lookup(state_.names.__getattr__) == nullptr;
}

// @dataclass(frozen=True, slots=True): the state is the list of the fields' values, in the order of fields().
bool Recogniser::recognise_field_list(PyObject* getstate) {
  if (!is_stdlib_function(getstate, "dataclasses", "_dataclass_getstate") || plan_.has_dict) return false;
  Ref fields_of = stdlib_object("dataclasses", "fields");
  if (!fields_of || !PyFunction_Check(fields_of.get())) return false;
  Ref fields = Ref::checked(PyObject_CallOneArg(fields_of, reinterpret_cast<PyObject*>(type_)));
  if (!PyTuple_CheckExact(fields.get())) return false;
  Ref names = Ref::checked(PyList_New(0));
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(fields.get()); ++i) {
    Ref name = get_attribute(PyTuple_GET_ITEM(fields.get(), i), "name");
    check_status(PyList_Append(names, name));
  }
  plan_.shape = Shape::field_list;
  return collect_slots(names) && !plan_.slots.empty();
}

}  // namespace brinery
