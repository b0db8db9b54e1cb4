// Plain instances: NEWOBJ without arguments, then the attributes and slots straight from where they are kept.
#include "objects/encode_leaves.hpp"

namespace brinery {

namespace {

PyObject* at_offset(PyObject* object, Py_ssize_t offset) {
  return *reinterpret_cast<PyObject**>(reinterpret_cast<char*>(object) + offset);
}

// REQUIRES: layout::verify() held
bool holds_shadow(PyObject* dict) {
  PyObject *key = nullptr, *value = nullptr;
  for (Py_ssize_t at = 0; layout::next_entry(dict, at, key, value);) {
    if (shadows_reduce(key)) return true;
  }
  return false;
}

}  // namespace

// The attributes of an instance: inline ones through `attributes`, or else its dict, or null when it has none. Never
// makes a dict where the layout is known: that would cost the instance its compact form for good.
PyObject* Encoder::instance_dict(const Plan& plan, PyObject* object, layout::Attributes& attributes) {
  if (!plan.has_dict) return nullptr;
  PyTypeObject* type = plan.type;
  const bool managed = (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) != 0;
  if (managed && state_.layout_verified) {
    if (layout::has_inline_attributes(type)) attributes = layout::inline_attributes(object);
    return attributes.values != nullptr ? nullptr : layout::managed_dict(object);
  }
  if (!managed && type->tp_dictoffset > 0) return at_offset(object, type->tp_dictoffset);
  // The object owns the dict from now on, so that it may be borrowed.
  return Ref::checked(PyObject_GenericGetDict(object, nullptr));
}

// Whether attributes of the instance itself stand in for its class's reduce methods.
bool Encoder::is_shadowed(Plan& plan, PyObject* object) {
  layout::Attributes attributes;
  PyObject* dict = instance_dict(plan, object, attributes);
  if (dict != nullptr) return state_.layout_verified ? holds_shadow(dict) : true;
  if (attributes.values == nullptr) return false;
  layout::Keys* keys = layout::shared_keys(plan.type);
  if (plan.checked_keys == keys && plan.checked_key_count == keys->used) return false;
  for (Py_ssize_t i = 0; i < keys->used; ++i) {
    PyObject* key = layout::entries(keys)[i].key;
    if (key != nullptr && shadows_reduce(key)) return true;
  }
  plan.checked_keys = keys;
  plan.checked_key_count = keys->used;
  return false;
}

PyObject* Encoder::begin_instance(Plan& plan, PyObject* object, bool skip) {
  if (plan.has_dict && is_shadowed(plan, object)) return begin_generic(object);
  write_class(plan);
  out_.op(op::EMPTY_TUPLE, op::NEWOBJ);
  if (!skip) memoize(object);
  Frame frame{};
  return open_state(frame, plan, object, !skip) ? start<&Encoder::advance_state>(frame) : nullptr;
}

// The class has a __getstate__ of its own: everything but that call is foreseeable.
PyObject* Encoder::begin_own_getstate(Plan& plan, PyObject* object) {
  if (write_get_if_known(object)) return nullptr;
  if (plan.has_dict && is_shadowed(plan, object)) return begin_generic(object);
  Ref hold = Ref::borrow(object);
  enter_foreign_code();
  Ref state = Ref::checked(PyObject_CallMethodNoArgs(object, state_.names.__getstate__));
  // What was just called may have changed the class.
  Plan* after = current_plan(object);
  if (after != &plan || after->shape != Shape::own_getstate) {
    Ref cls = Ref::borrow(reinterpret_cast<PyObject*>(Py_TYPE(object)));
    Ref arguments = Ref::checked(PyTuple_Pack(1, cls.get()));
    Ref newobj = get_attribute(import_module("copyreg"), state_.names.__newobj__);
    return push_reduce(object, Ref::checked(PyTuple_Pack(3, newobj.get(), arguments.get(), state.get())));
  }
  write_class(plan);
  out_.op(op::EMPTY_TUPLE, op::NEWOBJ);
  if (memo_.find(object) == MemoTable::absent) memoize(object);
  if (state.get() == Py_None) return nullptr;
  if (save_leaf(state)) {
    out_.op(op::BUILD);
    return nullptr;
  }
  if (PyDict_CheckExact(state.get()) && unique(state)) {
    // Nobody but this function knows the dict: it can't be met again, whatever code runs.
    const Py_ssize_t size = PyDict_GET_SIZE(state.get());
    out_.op(op::EMPTY_DICT);
    Frame frame{.kind = Kind::dict, .after = After::build, .size = size};
    frame.object = std::move(state);
    open_instance(frame, memo_.find(object), plan.reads_state);
    return start<&Encoder::advance_dict>(frame);
  }
  Frame frame{.kind = Kind::state};
  frame.object = std::move(state);
  open_instance(frame, memo_.find(object), plan.reads_state);
  PyObject* next = frame.object;
  park(std::move(frame));
  return next;
}

// @dataclass(frozen=True, slots=True)
PyObject* Encoder::begin_field_list(const Plan& plan, PyObject* object, bool skip) {
  for (const Slot& slot : plan.slots) {
    if (at_offset(object, slot.offset) == nullptr) return begin_generic(object);  // which raises AttributeError
  }
  write_class(plan);
  out_.op(op::EMPTY_TUPLE, op::NEWOBJ);
  if (!skip) memoize(object);
  out_.op(op::EMPTY_LIST, op::MARK);
  Frame frame{.kind = Kind::field_list, .plan = &plan};
  frame.object = Ref::borrow(object);
  if (!skip) open_instance(frame, memo_.find(object), plan.reads_state);
  return start<&Encoder::advance_field_list>(frame);
}

PyObject* Encoder::advance_field_list(Frame& frame) {
  const auto& slots = frame.plan->slots;
  while (frame.position < static_cast<Py_ssize_t>(slots.size())) {
    PyObject* value = at_offset(frame.object, slots[static_cast<std::size_t>(frame.position)].offset);
    ++frame.position;
    if (value == nullptr) raise(PyExc_AttributeError, "a field was deleted while the object was being pickled");
    if (PyObject* next = save_part(frame, value)) return next;
  }
  out_.op(op::APPENDS, op::BUILD);
  return finish_instance(frame);
}

// Prepares a frame for the state of an instance and writes what opens it; false when there is no state.
bool Encoder::open_state(Frame& frame, const Plan& plan, PyObject* object, bool memoised) {
  layout::Attributes attributes;
  PyObject* dict = instance_dict(plan, object, attributes);
  frame = Frame{.kind = Kind::attributes, .plan = &plan};
  if (attributes.values != nullptr) {
    if (*attributes.size == 0) return false;
    if (memoised) open_instance(frame, memo_.find(object), plan.reads_state);
    frame.object = Ref::borrow(object);
    frame.size = *attributes.size;
    out_.op(op::EMPTY_DICT, op::MARK);
    return true;
  }
  if (dict != nullptr) {
    if (PyDict_GET_SIZE(dict) == 0) return false;
    if (!unique(dict) && write_get_if_known(dict)) {
      out_.op(op::BUILD);
      return false;
    }
    if (memoised) open_instance(frame, memo_.find(object), plan.reads_state);
    out_.op(op::EMPTY_DICT);
    if (!unique(dict)) memoize(dict);
    frame.kind = Kind::dict;
    frame.after = After::build;
    frame.object = Ref::borrow(dict);
    frame.size = PyDict_GET_SIZE(dict);
    return true;
  }
  bool any = false;
  for (const Slot& slot : plan.slots) any |= at_offset(object, slot.offset) != nullptr;
  if (!any) return false;
  if (memoised) open_instance(frame, memo_.find(object), plan.reads_state);
  frame.kind = Kind::slots;
  frame.object = Ref::borrow(object);
  out_.op(op::NONE, op::EMPTY_DICT);
  out_.op(op::MARK);
  return true;
}

PyObject* Encoder::advance_state(Frame& frame) {
  switch (frame.kind) {
    case Kind::attributes: return advance_attributes(frame);
    case Kind::slots: return advance_slots(frame);
    case Kind::field_list: return advance_field_list(frame);
    case Kind::state: out_.op(op::BUILD); return finish_instance(frame);
    default: return advance_dict(frame);
  }
}

// Foreign code may have given the instance a dict meanwhile: the rest of its attributes is in there, in the same order.
PyObject* Encoder::go_on_in_dict(Frame& frame) {
  PyObject* dict = layout::managed_dict(frame.object);
  if (dict == nullptr) raise(PyExc_RuntimeError, "dictionary changed size during iteration");
  const Py_ssize_t done = frame.position;
  const Py_ssize_t size = frame.size;
  frame = Frame{.kind = Kind::dict, .closing = op::SETITEMS, .after = After::build, .open = frame.open};
  frame.object = Ref::borrow(dict);
  frame.size = size;
  frame.left = size - done;
  frame.done = size;
  for (Py_ssize_t i = 0; i < done; ++i) PyDict_Next(dict, &frame.position, nullptr, nullptr);
  return advance_dict(frame);
}

PyObject* Encoder::advance_attributes(Frame& frame) {
  PyObject* object = frame.object;
  while (frame.position < frame.size) {
    // Looked at anew after each part that may have run foreign code.
    const layout::Attributes attributes = layout::inline_attributes(object);
    if (attributes.values == nullptr) return go_on_in_dict(frame);
    if (*attributes.size != frame.size) raise(PyExc_RuntimeError, "dictionary changed size during iteration");
    const layout::Entry* entries = layout::entries(layout::shared_keys(Py_TYPE(object)));
    while (frame.position < frame.size) {
      const std::uint8_t index = attributes.index(frame.position);
      ++frame.position;
      save_name(entries[index].key);
      PyObject* value = attributes.values[index];
      if (save_leaf(value)) continue;
      if (PyObject* next = descend(frame, value)) return next;
      break;
    }
  }
  out_.op(op::SETITEMS, op::BUILD);
  return finish_instance(frame);
}

PyObject* Encoder::advance_slots(Frame& frame) {
  const auto& slots = frame.plan->slots;
  while (frame.position < static_cast<Py_ssize_t>(slots.size())) {
    const Slot& slot = slots[static_cast<std::size_t>(frame.position)];
    ++frame.position;
    PyObject* value = at_offset(frame.object, slot.offset);
    if (value == nullptr) continue;
    save_name(slot.name);
    if (PyObject* next = save_part(frame, value)) return next;
  }
  out_.op(op::SETITEMS);
  out_.op(op::TUPLE2, op::BUILD);
  return finish_instance(frame);
}

std::string native_step_of(const Frame& frame) {
  const auto text = [](PyObject* name) {
    const char* data = PyUnicode_AsUTF8(name);
    if (data == nullptr) throw_python_error();
    return std::string(".").append(data);
  };
  switch (frame.kind) {
    case Kind::attributes: {
      const layout::Attributes attributes = layout::inline_attributes(frame.object);
      if (attributes.values == nullptr || frame.position < 1 || frame.position > *attributes.size) return ".?";
      return text(
          layout::entries(layout::shared_keys(Py_TYPE(frame.object.get())))[attributes.index(frame.position - 1)].key);
    }
    case Kind::slots:
    case Kind::field_list:
      if (frame.position < 1) return ".?";
      return text(frame.plan->slots[static_cast<std::size_t>(frame.position - 1)].name);
    case Kind::ordered: return "[...]";
    case Kind::arguments: {
      std::string index = std::to_string(frame.position - 1);
      return frame.extra ? std::string(".__reduce__()[1][").append(index).append("]")
                         : std::string("[").append(index).append("]");
    }
    default: return "";
  }
}

}  // namespace brinery
