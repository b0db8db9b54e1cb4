// Making instances and giving them their state back.
#include "objects/decoder.hpp"

#include <structmember.h>  // needs Python.h before it

namespace brinery {

namespace {

PyObject*& slot_at(PyObject* object, Py_ssize_t offset) {
  return *reinterpret_cast<PyObject**>(reinterpret_cast<char*>(object) + offset);
}

void set_slot(PyObject* object, Py_ssize_t offset, PyObject* value) {
  Ref::steal(std::exchange(slot_at(object, offset), Py_NewRef(value)));
}

// A call that is nothing but tp_new: type.__call__ with an __init__ that does nothing.
bool is_construction(PyObject* callable) {
  if (!PyType_CheckExact(callable) || callable == reinterpret_cast<PyObject*>(&PyType_Type)) return false;
  auto* type = reinterpret_cast<PyTypeObject*>(callable);
  return type->tp_init == PyBaseObject_Type.tp_init && type->tp_new != nullptr &&
         type->tp_new != PyBaseObject_Type.tp_new;
}

// Types of C whose constructors run no foreign code on leaves.
bool is_quiet(PyObject* callable) {
  if (PyCFunction_CheckExact(callable)) return false;
  auto* type = reinterpret_cast<PyTypeObject*>(callable);
  return (type->tp_flags & Py_TPFLAGS_HEAPTYPE) == 0;
}

bool holds_only_leaves(PyObject* args) {
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); ++i) {
    PyTypeObject* type = Py_TYPE(PyTuple_GET_ITEM(args, i));
    if (type != &PyUnicode_Type && type != &PyBytes_Type && type != &PyLong_Type && type != &PyFloat_Type) return false;
  }
  return true;
}

}  // namespace

void Decoder::load_newobj() {
  require(2);
  if (peek(1) == unmade_dict()) fail("NEWOBJ class argument must be a type, not dict");
  Ref args = pop();
  Ref cls = pop();
  if (!PyTuple_Check(args.get())) {
    PyErr_Format(state_.unpickling_error, "NEWOBJ expected an arg tuple, got %.200s (at offset %zu, opcode NEWOBJ)",
                 Py_TYPE(args.get())->tp_name, offset());
    throw_python_error();
  }
  if (!PyType_Check(cls.get())) {
    PyErr_Format(state_.unpickling_error,
                 "NEWOBJ class argument must be a type, not %.200s (at offset %zu, opcode NEWOBJ)",
                 Py_TYPE(cls.get())->tp_name, offset());
    throw_python_error();
  }
  auto* type = reinterpret_cast<PyTypeObject*>(cls.get());
  if (type->tp_new == nullptr) fail("NEWOBJ class argument has NULL tp_new");
  if (type->tp_new == PyBaseObject_Type.tp_new) {
    return push(Ref::checked(type->tp_new(type, args, nullptr)));
  }
  ForeignCode foreign(*this);
  push(Ref::checked(type->tp_new(type, args, nullptr)));
}

void Decoder::load_newobj_ex() {
  require(3);
  make_dict_at(depth() - 2);
  make_dict_at(depth() - 3);
  Ref kwargs = pop();
  Ref args = pop();
  Ref cls = pop();
  const auto expect = [&](bool good, const char* what, PyObject* got) {
    if (good) return;
    PyErr_Format(state_.unpickling_error, "NEWOBJ_EX %s, not %.200s (at offset %zu, opcode NEWOBJ_EX)", what,
                 Py_TYPE(got)->tp_name, offset());
    throw_python_error();
  };
  expect(PyType_Check(cls.get()), "class argument must be a type", cls);
  expect(PyTuple_Check(args.get()), "args argument must be a tuple", args);
  expect(PyDict_Check(kwargs.get()), "kwargs argument must be a dict", kwargs);
  auto* type = reinterpret_cast<PyTypeObject*>(cls.get());
  if (type->tp_new == nullptr) fail("NEWOBJ_EX class argument doesn't have __new__");
  ForeignCode foreign(*this);
  push(Ref::checked(type->tp_new(type, args, kwargs)));
}

// Python 2's way: a class and its arguments above a mark.
void Decoder::load_obj() {
  const std::size_t from = pop_mark();
  if (depth() - from < 1) fail_underflow();
  Ref args = pop_tuple(from + 1);
  Ref cls = Ref::steal(*--top_);
  push(instantiate(cls, args));
}

Ref Decoder::instantiate(PyObject* cls, PyObject* args) {
  ForeignCode foreign(*this);
  if (PyTuple_GET_SIZE(args) == 0 && PyType_Check(cls)) {
    Ref initargs = lookup_attribute(cls, state_.names.__getinitargs__);
    if (!initargs) return Ref::checked(PyObject_CallMethodOneArg(cls, state_.names.__new__, cls));
  }
  return Ref::checked(PyObject_CallObject(cls, args));
}

void Decoder::load_reduce() {
  require(2);
  make_dict_at(depth() - 2);
  Ref args = pop();
  Ref callable = pop();
  push(call(callable, args));
}

Ref Decoder::call(PyObject* callable, PyObject* args) {
  if (PyTuple_CheckExact(args)) {
    if (Ref made = PyType_Check(callable) ? rebuild(callable, args) : rebuild_numpy(callable, args)) return made;
  }
  ForeignCode foreign(*this);
  return Ref::checked(PyObject_CallObject(callable, args));
}

// What calling a type that is known well comes to, without the call; empty where it has to be made.
Ref Decoder::rebuild(PyObject* callable, PyObject* args) {
  auto* type = reinterpret_cast<PyTypeObject*>(callable);
  if (is_construction(callable) && is_quiet(callable) && holds_only_leaves(args)) {
    return Ref::checked(type->tp_new(type, args, nullptr));
  }
  BuildPlan& plan = cache_.build_plans.get(state_, type);
  switch (plan.make) {
    case Make::ordered_dict: return PyTuple_GET_SIZE(args) == 0 ? Ref::checked(PyODict_New()) : Ref();
    case Make::counter: return make_counter(type, args);
    case Make::fraction: {
      if (PyTuple_GET_SIZE(args) != 2) return {};
      return make_fraction(plan, PyTuple_GET_ITEM(args, 0), PyTuple_GET_ITEM(args, 1));
    }
    case Make::posix_path: return make_path(plan, args);
    case Make::clock: {
      // A tzinfo is kept as it is.
      if (PyTuple_GET_SIZE(args) != 2 || !PyBytes_CheckExact(PyTuple_GET_ITEM(args, 0))) return {};
      return Ref::checked(type->tp_new(type, args, nullptr));
    }
    case Make::syntax_node: {
      Ref made = Ref::checked(type->tp_new(type, args, nullptr));
      check_status(type->tp_init(made, args, nullptr));
      return made;
    }
    case Make::named_tuple:
    case Make::general: break;
  }
  return plan.is_enum && PyTuple_GET_SIZE(args) == 1 ? enum_member(plan, PyTuple_GET_ITEM(args, 0)) : Ref();
}

// A member by its value, as EnumType.__call__ and Enum.__new__ find it; empty where they have to be asked.
Ref Decoder::enum_member(const BuildPlan& plan, PyObject* value) {
  if (!PyLong_CheckExact(value) && !PyUnicode_CheckExact(value)) return {};
  PyTypeObject* type = plan.type;
  if (!plan.is_enum || plan.metatype_tag == 0 || plan.metatype_tag != Py_TYPE(type)->tp_version_tag) return {};
  PyObject* members = _PyType_Lookup(type, state_.names._value2member_map_);
  if (members == nullptr || !PyDict_CheckExact(members)) return {};
  PyObject* found = PyDict_GetItemWithError(members, value);
  if (found == nullptr && PyErr_Occurred() != nullptr) throw_python_error();
  return Ref::borrow(found);
}

// Makes what the next opcode, NEWOBJ or REDUCE, would make of a tuple of the values from `from` on, without the tuple.
// False: nothing has been done.
bool Decoder::call_with_items(std::size_t from) {
  if (from == 0 || from - 1 < fence_) return false;
  const std::size_t skipped = skippable_put(0);
  if (!in_.has(skipped + 1)) return false;
  const std::uint8_t next = in_.cursor[skipped];
  PyObject* callable = stack_[from - 1];
  if ((next != op::NEWOBJ && next != op::REDUCE) || callable == unmade_dict()) return false;
  PyObject** items = stack_ + from;
  const std::size_t count = depth() - from;
  Ref made;
  if (next == op::REDUCE) {
    made = call_on_items(callable, items, count);
  } else if (PyType_Check(callable)) {
    made = new_from_items(reinterpret_cast<PyTypeObject*>(callable), items, count);
  }
  if (!made) return false;
  drop_to(from - 1);
  push(std::move(made));
  next_index_ += skipped != 0 ? 1 : 0;
  in_.cursor += skipped;
  opcode_ = in_.cursor++;
  return true;
}

// Empty where the constructor has to be called; so in the next one.
Ref Decoder::new_from_items(PyTypeObject* type, PyObject** items, std::size_t count) {
  if (type->tp_new == PyFloat_Type.tp_new) {
    if (type == &PyFloat_Type || count != 1 || !PyFloat_CheckExact(items[0])) return {};
    Ref made = Ref::checked(type->tp_alloc(type, 0));
    reinterpret_cast<PyFloatObject*>(made.get())->ob_fval = PyFloat_AS_DOUBLE(items[0]);
    return made;
  }
  if (PyType_IsSubtype(type, &PyTuple_Type) == 0) return {};
  const BuildPlan& plan = cache_.build_plans.get(state_, type);
  if (plan.make != Make::named_tuple || plan.field_count != static_cast<Py_ssize_t>(count)) return {};
  Ref made = Ref::checked(type->tp_alloc(type, plan.field_count));
  for (std::size_t i = 0; i < count; ++i) {
    PyTuple_SET_ITEM(made.get(), static_cast<Py_ssize_t>(i), Py_NewRef(items[i]));
  }
  return made;
}

Ref Decoder::call_on_items(PyObject* callable, PyObject** items, std::size_t count) {
  if (callable == cache_.numpy.scalar() && count == 2) return cache_.numpy.make_scalar(items[0], items[1]);
  if (count > 2 || !PyType_Check(callable)) return {};
  auto* type = reinterpret_cast<PyTypeObject*>(callable);
  if ((type->tp_flags & Py_TPFLAGS_HEAPTYPE) == 0) return {};
  BuildPlan& plan = cache_.build_plans.get(state_, type);
  if (plan.is_enum && count == 1) return enum_member(plan, items[0]);
  if (plan.make == Make::fraction && count == 2) return make_fraction(plan, items[0], items[1]);
  return {};
}

void Decoder::load_build() {
  require(2);
  make_dict_at(depth() - 2);
  Ref state = pop();
  Ref object = Ref::borrow(peek());
  if (PyObject* builder = builder_of(object); builder != nullptr) {
    ForeignCode foreign(*this);
    Ref::checked(PyObject_CallFunctionObjArgs(builder, object.get(), state.get(), nullptr));
    return;
  }
  if (restore_natively(object, state)) return;
  ForeignCode foreign(*this);
  Ref setstate = lookup_attribute(object, state_.names.__setstate__);
  if (setstate) {
    Ref::checked(PyObject_CallOneArg(setstate, state));
    return;
  }
  set_default_state(object, state);
}

void Decoder::set_default_state(PyObject* object, PyObject* state) {
  Ref attributes = Ref::borrow(state);
  Ref slots;
  if (PyTuple_Check(state) && PyTuple_GET_SIZE(state) == 2) {
    attributes = Ref::borrow(PyTuple_GET_ITEM(state, 0));
    slots = Ref::borrow(PyTuple_GET_ITEM(state, 1));
  }
  if (attributes.get() != Py_None) {
    if (!PyDict_Check(attributes.get())) fail("state is not a dictionary");
    set_dict_state(object, attributes);
  }
  if (slots) {
    if (!PyDict_Check(slots.get())) fail("slot state is not a dictionary");
    PyObject *key = nullptr, *value = nullptr;
    for (Py_ssize_t at = 0; PyDict_Next(slots, &at, &key, &value) != 0;) {
      Ref held_key = Ref::borrow(key), held_value = Ref::borrow(value);
      check_status(PyObject_SetAttr(object, held_key, held_value));
    }
  }
}

void Decoder::set_dict_state(PyObject* object, PyObject* state) {
  Ref dict = get_attribute(object, state_.names.__dict__);
  PyObject *key = nullptr, *value = nullptr;
  for (Py_ssize_t at = 0; PyDict_Next(state, &at, &key, &value) != 0;) {
    Ref held_value = Ref::borrow(value);
    // Attribute names are interned, so that looking them up is comparing pointers.
    PyObject* name = Py_NewRef(key);
    if (PyUnicode_CheckExact(name)) PyUnicode_InternInPlace(&name);
    Ref held_name = Ref::steal(name);
    check_status(PyObject_SetItem(dict, held_name, held_value));
  }
}

// True when the state has been restored without asking Python.
bool Decoder::restore_natively(PyObject* object, PyObject* state) {
  BuildPlan& plan = cache_.build_plans.get(state_, Py_TYPE(object));
  switch (plan.restore) {
    case Restore::general: return false;
    case Restore::field_list: return restore_fields(plan, object, state);
    case Restore::uuid: {
      if (!PyDict_CheckExact(state) || PyDict_GET_SIZE(state) != 1) return false;
      PyObject *key = nullptr, *number = nullptr;
      Py_ssize_t at = 0;
      return PyDict_Next(state, &at, &key, &number) != 0 && restore_uuid(plan, object, key, number);
    }
    case Restore::method: {
      ForeignCode foreign(*this);
      PyObject* arguments[] = {object, state};
      Ref::checked(PyObject_VectorcallMethod(state_.names.__setstate__, arguments, 2, nullptr));
      return true;
    }
    case Restore::plain: break;
  }
  if (PyTuple_CheckExact(state) && PyTuple_GET_SIZE(state) == 2 && PyTuple_GET_ITEM(state, 0) == Py_None) {
    return restore_slots(object, PyTuple_GET_ITEM(state, 1));
  }
  return PyDict_CheckExact(state) && restore_dict(plan, object, state);
}

bool Decoder::restore_slots(PyObject* object, PyObject* slots) {
  PyTypeObject* type = Py_TYPE(object);
  if (!PyDict_CheckExact(slots) || type->tp_setattro != PyObject_GenericSetAttr) return false;
  PyObject *key = nullptr, *value = nullptr;
  const auto member_of = [&](PyObject* name) -> PyMemberDef* {
    if (!PyUnicode_CheckExact(name)) return nullptr;
    PyObject* found = _PyType_Lookup(type, name);
    if (found == nullptr || Py_TYPE(found) != &PyMemberDescr_Type) return nullptr;
    PyMemberDef* member = reinterpret_cast<PyMemberDescrObject*>(found)->d_member;
    return member->type == T_OBJECT_EX && (member->flags & READONLY) == 0 ? member : nullptr;
  };
  for (Py_ssize_t at = 0; PyDict_Next(slots, &at, &key, &value) != 0;) {
    PyMemberDef* member = member_of(key);
    // What is set already may run a finalizer when it goes.
    if (member == nullptr || slot_at(object, member->offset) != nullptr) return false;
  }
  for (Py_ssize_t at = 0; PyDict_Next(slots, &at, &key, &value) != 0;) set_slot(object, member_of(key)->offset, value);
  return true;
}

bool Decoder::restore_fields(BuildPlan& plan, PyObject* object, PyObject* list) {
  if (!PyList_CheckExact(list) || PyList_GET_SIZE(list) != static_cast<Py_ssize_t>(plan.offsets.size())) return false;
  for (const Py_ssize_t offset : plan.offsets) {
    if (slot_at(object, offset) != nullptr) return false;
  }
  for (std::size_t i = 0; i < plan.offsets.size(); ++i) {
    set_slot(object, plan.offsets[i], PyList_GET_ITEM(list, static_cast<Py_ssize_t>(i)));
  }
  return true;
}

// The same for the values from `from` on, before they get into the list beneath them, which is nobody else's.
bool Decoder::build_fields_from_items(std::size_t from) {
  if (from < 2 || from - 2 < fence_) return false;
  PyObject* list = stack_[from - 1];
  PyObject* object = stack_[from - 2];
  if (object == unmade_dict() || Py_REFCNT(list) != 1 || PyList_GET_SIZE(list) != 0) return false;
  if (builder_of(object) != nullptr) return false;
  const BuildPlan& plan = cache_.build_plans.get(state_, Py_TYPE(object));
  const std::size_t count = depth() - from;
  if (plan.restore != Restore::field_list || plan.offsets.size() != count) return false;
  for (const Py_ssize_t offset : plan.offsets) {
    if (slot_at(object, offset) != nullptr) return false;
  }
  for (std::size_t i = 0; i < count; ++i) slot_at(object, plan.offsets[i]) = stack_[from + i];
  top_ = stack_ + (from - 1);
  Ref::steal(list);
  opcode_ = in_.cursor++;  // BUILD
  return true;
}

// UUID.__setstate__ of {"int": number}.
bool Decoder::restore_uuid(BuildPlan& plan, PyObject* object, PyObject* key, PyObject* number) {
  if (!PyUnicode_CheckExact(key) || PyUnicode_CompareWithASCIIString(key, "int") != 0) return false;
  if (slot_at(object, plan.offsets[0]) != nullptr || slot_at(object, plan.offsets[1]) != nullptr) return false;
  set_slot(object, plan.offsets[0], number);
  set_slot(object, plan.offsets[1], plan.unknown_safety);
  return true;
}

}  // namespace brinery
