#include "objects/plan.hpp"

#include "objects/numpy_facts.hpp"
#include "objects/recognise.hpp"

namespace brinery {

PlanTable::PlanTable() : slots_(std::make_unique<std::unique_ptr<Plan>[]>(slot_count)) {}
PlanTable::~PlanTable() = default;

Plan* PlanTable::put(std::unique_ptr<Plan> plan) {
  // Types come and go with the classes of a program; a table that fills up is begun anew.
  if (used_ >= slot_count / 2) {
    for (std::size_t i = 0; i < slot_count; ++i) {
      if (slots_[i]) retired_.push_back(std::move(slots_[i]));
    }
    used_ = 0;
  }
  std::size_t at = slot_of(plan->type);
  while (slots_[at] && slots_[at]->type != plan->type) at = (at + 1) & (slot_count - 1);
  if (slots_[at]) {
    retired_.push_back(std::move(slots_[at]));
  } else {
    ++used_;
  }
  slots_[at] = std::move(plan);
  return slots_[at].get();
}

bool is_reduce_name(PyObject* name) {
  return PyUnicode_CompareWithASCIIString(name, "__reduce_ex__") == 0 ||
         PyUnicode_CompareWithASCIIString(name, "__reduce__") == 0 ||
         PyUnicode_CompareWithASCIIString(name, "__getstate__") == 0;
}

bool appends_as_list(const State& state, PyObject* object) {
  PyTypeObject* type = Py_TYPE(object);
  if ((type->tp_flags & Py_TPFLAGS_HEAPTYPE) == 0) return true;
  const auto inherits = [&](PyObject* name) {
    return _PyType_Lookup(type, name) == _PyType_Lookup(&PyList_Type, name);
  };
  return PyList_Check(object) && inherits(state.names.extend) && inherits(state.names.append);
}

bool reads_state(const State& state, PyTypeObject* type) {
  const auto lookup = [&](PyObject* name) { return _PyType_Lookup(type, name); };
  if (!is_generic_getattribute(lookup(state.names.__getattribute__))) return true;
  if (lookup(state.names.__getattr__) != nullptr) return true;
  PyObject* setter = lookup(state.names.__setstate__);
  if (setter == nullptr) return false;
  // That of frozen dataclasses with slots puts values where they belong, no more.
  if (!PyFunction_Check(setter)) return true;
  Ref dataclasses = Ref::steal(PyImport_GetModule(Ref::checked(PyUnicode_FromString("dataclasses"))));
  return !dataclasses || !PyModule_CheckExact(dataclasses.get()) ||
         PyFunction_GET_GLOBALS(setter) != PyModule_GetDict(dataclasses);
}

namespace {

// Borrowed: dict[key], or null; never raises for the str keys used here.
PyObject* entry(PyObject* dict, PyObject* key) {
  PyObject* found = PyDict_GetItemWithError(dict, key);
  if (found == nullptr && PyErr_Occurred() != nullptr) throw_python_error();
  return found;
}

}  // namespace

PyObject* plain_lookup(PyObject* module_name, PyObject* qualified_name) {
  PyObject* modules = PyImport_GetModuleDict();
  if (modules == nullptr || !PyDict_CheckExact(modules)) return nullptr;
  PyObject* module = entry(modules, module_name);
  if (module == nullptr || !PyModule_CheckExact(module)) return nullptr;
  PyObject* found = entry(PyModule_GetDict(module), qualified_name);
  if (found != nullptr || PyUnicode_FindChar(qualified_name, '.', 0, PyUnicode_GET_LENGTH(qualified_name), 1) < 0) {
    return found;
  }
  Ref dot = Ref::checked(PyUnicode_FromStringAndSize(".", 1));
  Ref path = Ref::checked(PyUnicode_Split(qualified_name, dot, -1));
  found = entry(PyModule_GetDict(module), PyList_GET_ITEM(path.get(), 0));
  for (Py_ssize_t i = 1; found != nullptr && i < PyList_GET_SIZE(path.get()); ++i) {
    if (!PyType_Check(found) || Py_TYPE(found)->tp_getattro != PyType_Type.tp_getattro) return nullptr;
    found = _PyType_Lookup(reinterpret_cast<PyTypeObject*>(found), PyList_GET_ITEM(path.get(), i));
  }
  return found;
}

bool is_registered(const State& state, const Plan& plan) {
  auto* type = reinterpret_cast<PyObject*>(plan.type);
  return plan.shape != Shape::complex_number && entry(state.dispatch_table, type) != nullptr;
}

bool is_importable(const State& state, const Plan& plan) {
  if (!plan.module_name) return true;  // a plan that does not write the class
  if ((plan.type->tp_flags & Py_TPFLAGS_HEAPTYPE) != 0 &&
      reinterpret_cast<PyHeapTypeObject*>(plan.type)->ht_qualname != plan.qualified_name.get()) {
    return false;
  }
  if (PyDict_GET_SIZE(state.extension_registry.get()) != 0) return false;
  return plain_lookup(plan.module_name, plan.qualified_name) == reinterpret_cast<PyObject*>(plan.type);
}

std::unique_ptr<Plan> make_plan(State& state, PlanTable& table, PyTypeObject* type, PyObject* example) {
  auto plan = std::make_unique<Plan>();
  plan->type = type;
  Recogniser{state, table, *plan, example}.run();
  plan->reads_state = reads_state(state, type);
#if PY_VERSION_HEX >= 0x030C0000
  PyUnstable_Type_AssignVersionTag(type);
#else
  (void)_PyType_Lookup(type, state.names.__reduce_ex__);  // gives the type its tag
#endif
  plan->tag = type->tp_version_tag;
  return plan;
}

}  // namespace brinery
