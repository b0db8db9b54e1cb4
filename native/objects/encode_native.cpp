// Types of the standard library that are written from what they hold, as their own reduce methods would describe it.
#include "objects/encode_leaves.hpp"

// The header defines a pointer to the API, which the macros used here do without.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-variable"
#include <datetime.h>
#pragma GCC diagnostic pop

namespace brinery {

namespace {

constexpr std::uint8_t tuple_op(Py_ssize_t size) {
  constexpr std::uint8_t ops[] = {op::EMPTY_TUPLE, op::TUPLE1, op::TUPLE2, op::TUPLE3};
  return size <= 3 ? ops[size] : op::TUPLE;
}

PyObject* at_offset(PyObject* object, Py_ssize_t offset) {
  return *reinterpret_cast<PyObject**>(reinterpret_cast<char*>(object) + offset);
}

// Keys whose hash and comparison run no foreign code.
bool is_simple_key(PyObject* key) {
  return PyUnicode_CheckExact(key) || PyLong_CheckExact(key) || PyBytes_CheckExact(key) || PyFloat_CheckExact(key) ||
         key == Py_None || PyBool_Check(key);
}

bool has_simple_keys(PyObject* dict) {
  PyObject* key = nullptr;
  for (Py_ssize_t at = 0; PyDict_Next(dict, &at, &key, nullptr) != 0;) {
    if (!is_simple_key(key)) return false;
  }
  return true;
}

}  // namespace

Plan* Encoder::current_plan(PyObject* object) {
  Plan* plan = cache_.plans.find(Py_TYPE(object));
  if (plan != nullptr && plan->validated == epoch_ && plan->is_current()) return plan;
  return refresh_plan(plan, object);
}

// Makes or checks the plan; null where there is none to go by.
Plan* Encoder::refresh_plan(Plan* plan, PyObject* object) {
  PyTypeObject* type = Py_TYPE(object);
  const bool hopeless = plan != nullptr && plan->tag == 0 && type->tp_version_tag == 0;
  if (plan == nullptr || (!plan->is_current() && !hopeless)) {
    plan = cache_.plans.put(make_plan(state_, cache_.plans, type, object));
  }
  if (plan->shape == Shape::general || plan->tag == 0) return nullptr;
  if (!is_writable(*plan)) return nullptr;
  plan->validated = epoch_;
  return plan;
}

// Whether the class can be written now: by its name, or because it has been.
bool Encoder::is_writable(const Plan& plan) {
  if (is_registered(state_, plan)) return false;
  if (options_.reduce == nullptr) return is_importable(state_, plan);
  auto* type = reinterpret_cast<PyObject*>(plan.type);
  if (options_.reduced != nullptr && check_status(PySequence_Contains(options_.reduced, type)) != 0) return false;
  if (plan.module_name && memo_.find(reinterpret_cast<PyObject*>(plan.type)) >= 0) return true;
  return is_importable(state_, plan) && !(plan.module_name && goes_by_value(plan.module_name));
}

bool Encoder::goes_by_value(PyObject* module_name) {
  return options_.by_value != nullptr && check_status(PySet_Contains(options_.by_value, module_name)) != 0;
}

// Whether a plain class or function is what its name leads to, and may be written as that name.
bool Encoder::goes_by_reference(PyObject* object) {
  if (PyFunction_Check(object)) {
    const auto* function = reinterpret_cast<PyFunctionObject*>(object);
    PyObject* module_name = function->func_module;
    return module_name != nullptr && PyUnicode_CheckExact(module_name) && !goes_by_value(module_name) &&
           plain_lookup(module_name, function->func_qualname) == object;
  }
  if (!PyType_CheckExact(object)) return false;
  auto* type = reinterpret_cast<PyTypeObject*>(object);
  if ((type->tp_flags & Py_TPFLAGS_HEAPTYPE) == 0) return false;
  PyObject* module_name = PyDict_GetItemWithError(type->tp_dict, state_.names.__module__);
  return module_name != nullptr && PyUnicode_CheckExact(module_name) && !goes_by_value(module_name) &&
         plain_lookup(module_name, reinterpret_cast<PyHeapTypeObject*>(type)->ht_qualname) == object;
}

PyObject* Encoder::begin_native(PyObject* object, bool& handled) {
  Plan* plan = current_plan(object);
  if (plan == nullptr || plan->shape == Shape::trusted_reduce) return nullptr;
  handled = true;
  if (plan->shape == Shape::own_getstate) return begin_own_getstate(*plan, object);
  const bool skip = skips(object);
  if (!skip && write_get_if_known(object)) return nullptr;
  return begin_planned(*plan, object, skip);
}

PyObject* Encoder::begin_planned(Plan& plan, PyObject* object, bool skip) {
  switch (plan.shape) {
    case Shape::instance: return begin_instance(plan, object, skip);
    case Shape::field_list: return begin_field_list(plan, object, skip);
    case Shape::named_tuple:
    case Shape::tuple_value: return begin_named_tuple(plan, object, skip);
    case Shape::float_value:
    case Shape::int_value:
    case Shape::str_value: return begin_value(plan, object, skip);
    case Shape::enum_member: return begin_enum_member(plan, object, skip);
    case Shape::complex_number:
      write_class(plan);
      save_float(PyComplex_RealAsDouble(object));
      save_float(PyComplex_ImagAsDouble(object));
      finish_call(object, op::TUPLE2, op::REDUCE, skip);
      return nullptr;
    case Shape::date:
    case Shape::time:
    case Shape::date_time: return begin_date(plan, object, skip);
    case Shape::time_delta:
      write_class(plan);
      write_int64(PyDateTime_DELTA_GET_DAYS(object));
      write_int64(PyDateTime_DELTA_GET_SECONDS(object));
      write_int64(PyDateTime_DELTA_GET_MICROSECONDS(object));
      finish_call(object, op::TUPLE3, op::REDUCE, skip);
      return nullptr;
    case Shape::decimal: {
      Ref text = Ref::checked(PyObject_Str(object));
      write_class(plan);
      write_str(text);
      finish_call(object, op::TUPLE1, op::REDUCE, skip);
      return nullptr;
    }
    case Shape::uuid: return begin_uuid(plan, object, skip);
    case Shape::fraction: return begin_fraction(plan, object, skip);
    case Shape::path: return begin_path(plan, object, skip);
    case Shape::ordered_dict: return begin_ordered_dict(plan, object, skip);
    case Shape::counter: return begin_counter(plan, object, skip);
    case Shape::default_dict: return begin_default_dict(plan, object, skip);
    case Shape::deque: return begin_deque(plan, object, skip);
    case Shape::ast_node: return begin_ast_node(plan, object, skip);
    case Shape::array: return begin_array(plan, object, skip);
    case Shape::scalar: return begin_scalar(plan, object, skip);
    default: return begin_generic(object);
  }
}

// True when the object's reduce method is known to run the interpreter's own code only.
bool Encoder::reduces_without_foreign_code(PyObject* object) {
  if (!native_) return false;
  Plan* plan = current_plan(object);
  return plan != nullptr && plan->shape == Shape::trusted_reduce && !is_shadowed(*plan, object);
}

void Encoder::write_class(const Plan& plan) {
  auto* type = reinterpret_cast<PyObject*>(plan.type);
  if (write_get_if_known(type)) return;
  save_name(plan.module_name);
  save_name(plan.qualified_name);
  out_.op(op::STACK_GLOBAL);
  note_global(plan.module_name, plan.qualified_name);
  memoize(type);
}

// Closes a call whose arguments were all leaves.
void Encoder::finish_call(PyObject* object, std::uint8_t tuple, std::uint8_t call, bool skip) {
  out_.op(tuple, call);
  if (skip) return;
  if (const std::int64_t index = memo_.find(object); index >= 0) {
    out_.op(op::POP);
    return write_get(index);
  }
  memoize_finished(object);
}

// A call with arguments that may be anything: a fresh tuple, or the items of the object itself when `arguments` is
// empty. The class has been written.
PyObject* Encoder::begin_arguments(const Plan& plan, PyObject* object, Ref arguments, std::uint8_t closing, After after,
                                   bool skip) {
  Frame frame{.kind = Kind::arguments, .closing = closing, .memoize = !skip, .after = after, .plan = &plan};
  frame.object = Ref::borrow(object);
  frame.extra = std::move(arguments);
  frame.size = PyTuple_GET_SIZE(frame.extra ? frame.extra.get() : object);
  if (frame.size > 3) out_.op(op::MARK);
  enter_arguments(frame);
  return start<&Encoder::advance_arguments>(frame);
}

PyObject* Encoder::advance_arguments(Frame& frame) {
  PyObject* arguments = frame.extra ? frame.extra.get() : frame.object.get();
  while (frame.position < frame.size) {
    PyObject* item = PyTuple_GET_ITEM(arguments, frame.position);
    ++frame.position;
    if (PyObject* next = save_part(frame, item)) return next;
  }
  leave_arguments(frame);
  out_.op(tuple_op(frame.size));
  if (frame.plan->shape == Shape::tuple_value) out_.op(op::TUPLE1);
  out_.op(frame.closing);
  Ref object = frame.object;
  if (frame.memoize) {
    if (const std::int64_t index = memo_.find(object); index >= 0) {
      out_.op(op::POP);
      write_get(index);
      return nullptr;
    }
    memoize_finished(object);
  }
  if (frame.after == After::items) return open_items(frame, object);
  const bool memoised = frame.memoize;
  if (frame.after == After::state && open_state(frame, *frame.plan, object, memoised)) return advance_state(frame);
  return nullptr;
}

// Turns a frame into one that sets the items of a dict on what is on the stack.
PyObject* Encoder::open_items(Frame& frame, PyObject* dict) {
  frame = Frame{.kind = Kind::dict};
  frame.object = Ref::borrow(dict);
  // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): what was just written is there
  frame.size = PyDict_GET_SIZE(dict);
  return advance_dict(frame);
}

PyObject* Encoder::begin_named_tuple(const Plan& plan, PyObject* object, bool skip) {
  write_class(plan);
  const After after = plan.has_dict ? After::state : After::nothing;
  return begin_arguments(plan, object, Ref(), op::NEWOBJ, after, skip);
}

PyObject* Encoder::begin_value(Plan& plan, PyObject* object, bool skip) {
  if (plan.has_dict && is_shadowed(plan, object)) return begin_generic(object);
  write_class(plan);
  if (plan.shape == Shape::float_value) {
    save_float(PyFloat_AS_DOUBLE(object));
  } else if (plan.shape == Shape::int_value) {
    save_int(object);
  } else {
    write_str(object);
  }
  finish_call(object, op::TUPLE1, op::NEWOBJ, skip);
  Frame frame{};
  return plan.has_dict && open_state(frame, plan, object, !skip) ? start<&Encoder::advance_state>(frame) : nullptr;
}

PyObject* Encoder::begin_enum_member(const Plan& plan, PyObject* object, bool skip) {
  Ref value = get_attribute(object, "_value_");
  write_class(plan);
  if (save_leaf(value)) {
    finish_call(object, op::TUPLE1, op::REDUCE, skip);
    return nullptr;
  }
  return begin_arguments(plan, object, Ref::checked(PyTuple_Pack(1, value.get())), op::REDUCE, After::nothing, skip);
}

// The bytes of the C struct are the state that the types themselves pickle; fold rides in a high bit.
PyObject* Encoder::begin_date(const Plan& plan, PyObject* object, bool skip) {
  unsigned char state[_PyDateTime_DATETIME_DATASIZE];
  std::size_t size = 0;
  PyObject* timezone = Py_None;
  if (plan.shape == Shape::date) {
    size = _PyDateTime_DATE_DATASIZE;
    std::memcpy(state, reinterpret_cast<PyDateTime_Date*>(object)->data, size);
  } else if (plan.shape == Shape::time) {
    size = _PyDateTime_TIME_DATASIZE;
    std::memcpy(state, reinterpret_cast<PyDateTime_Time*>(object)->data, size);
    if (PyDateTime_TIME_GET_FOLD(object) != 0) state[0] |= 0x80;
    timezone = PyDateTime_TIME_GET_TZINFO(object);
  } else {
    size = _PyDateTime_DATETIME_DATASIZE;
    std::memcpy(state, reinterpret_cast<PyDateTime_DateTime*>(object)->data, size);
    if (PyDateTime_DATE_GET_FOLD(object) != 0) state[2] |= 0x80;
    timezone = PyDateTime_DATE_GET_TZINFO(object);
  }
  write_class(plan);
  if (timezone == Py_None || memo_.find(timezone) >= 0) {
    write_bytes_payload(state, size, nullptr, false);
    if (timezone != Py_None) write_get(memo_.find(timezone));
    finish_call(object, timezone == Py_None ? op::TUPLE1 : op::TUPLE2, op::REDUCE, skip);
    return nullptr;
  }
  Ref bytes =
      Ref::checked(PyBytes_FromStringAndSize(reinterpret_cast<const char*>(state), static_cast<Py_ssize_t>(size)));
  Ref arguments = Ref::checked(PyTuple_Pack(2, bytes.get(), timezone));
  return begin_arguments(plan, object, std::move(arguments), op::REDUCE, After::nothing, skip);
}

PyObject* Encoder::begin_fraction(const Plan& plan, PyObject* object, bool skip) {
  PyObject* numerator = at_offset(object, plan.slots[0].offset);
  PyObject* denominator = at_offset(object, plan.slots[1].offset);
  if (numerator == nullptr || denominator == nullptr) return begin_generic(object);
  write_class(plan);
  if (PyLong_CheckExact(numerator) && PyLong_CheckExact(denominator)) {
    save_int(numerator);
    save_int(denominator);
    finish_call(object, op::TUPLE2, op::REDUCE, skip);
    return nullptr;
  }
  Ref arguments = Ref::checked(PyTuple_Pack(2, numerator, denominator));
  return begin_arguments(plan, object, std::move(arguments), op::REDUCE, After::nothing, skip);
}

PyObject* Encoder::begin_path(const Plan& plan, PyObject* object, bool skip) {
  PyObject* parts = at_offset(object, plan.slots[0].offset);
  if (parts == nullptr || !PyList_CheckExact(parts)) return begin_generic(object);
  const Py_ssize_t size = PyList_GET_SIZE(parts);
  for (Py_ssize_t i = 0; i < size; ++i) {
    if (!PyUnicode_CheckExact(PyList_GET_ITEM(parts, i))) return begin_generic(object);
  }
  write_class(plan);
  if (size > 3) out_.op(op::MARK);
  for (Py_ssize_t i = 0; i < size; ++i) save_str(PyList_GET_ITEM(parts, i));
  finish_call(object, tuple_op(size), op::REDUCE, skip);
  return nullptr;
}

PyObject* Encoder::begin_uuid(const Plan& plan, PyObject* object, bool skip) {
  PyObject* number = at_offset(object, plan.slots[0].offset);
  PyObject* safety = at_offset(object, plan.slots[1].offset);
  // An unsafe one writes more; see UUID.__getstate__.
  if (number == nullptr || !PyLong_CheckExact(number) || safety != plan.scalar_type.get()) return begin_generic(object);
  write_class(plan);
  out_.op(op::EMPTY_TUPLE, op::NEWOBJ);
  if (!skip) memoize(object);
  out_.op(op::EMPTY_DICT, op::MARK);
  save_name(plan.slots[0].name);
  save_int(number);
  out_.op(op::SETITEMS, op::BUILD);
  return nullptr;
}

PyObject* Encoder::begin_ordered_dict(const Plan& plan, PyObject* object, bool skip) {
  PyObject** attributes = _PyObject_GetDictPtr(object);
  if (attributes != nullptr && *attributes != nullptr && PyDict_GET_SIZE(*attributes) != 0) {
    return begin_generic(object);
  }
  if (!has_simple_keys(object)) return begin_generic(object);
  write_class(plan);
  out_.op(op::EMPTY_TUPLE, op::REDUCE);
  if (!skip) memoize(object);
  Frame frame{.kind = Kind::ordered};
  frame.object = Ref::borrow(object);
  // The table beneath knows nothing of move_to_end(): only the iteration has the order.
  frame.extra = Ref::checked(PySequence_List(object));
  frame.size = PyList_GET_SIZE(frame.extra.get());
  return start<&Encoder::advance_ordered>(frame);
}

PyObject* Encoder::advance_ordered(Frame& frame) {
  for (;;) {
    if (PyDict_GET_SIZE(frame.object.get()) != frame.size) {
      raise(PyExc_RuntimeError, "OrderedDict changed size during iteration");
    }
    if (frame.left == 0 && !open_batch(frame, frame.size - frame.position, op::SETITEM, op::SETITEMS)) return nullptr;
    PyObject* key = PyList_GET_ITEM(frame.extra.get(), frame.position);
    PyObject* value = PyDict_GetItemWithError(frame.object, key);
    if (value == nullptr) {
      if (PyErr_Occurred() != nullptr) throw_python_error();
      raise(PyExc_RuntimeError, "OrderedDict mutated during iteration");
    }
    ++frame.position;
    --frame.left;
    if (!save_leaf(key)) begin_bytes(key);
    if (PyObject* next = save_part(frame, value)) return next;
  }
}

PyObject* Encoder::begin_counter(const Plan& plan, PyObject* object, bool skip) {
  write_class(plan);
  out_.op(op::EMPTY_DICT);
  Frame frame{.kind = Kind::dict, .memoize = !skip, .after = After::call_with};
  frame.object = Ref::borrow(object);
  frame.size = PyDict_GET_SIZE(object);
  return start<&Encoder::advance_dict>(frame);
}

PyObject* Encoder::begin_default_dict(const Plan& plan, PyObject* object, bool skip) {
  Ref factory = get_attribute(object, "default_factory");
  write_class(plan);
  Ref arguments = factory.get() == Py_None ? state_.empty_tuple : Ref::checked(PyTuple_Pack(1, factory.get()));
  return begin_arguments(plan, object, std::move(arguments), op::REDUCE, After::items, skip);
}

PyObject* Encoder::begin_deque(const Plan& plan, PyObject* object, bool skip) {
  Ref longest = get_attribute(object, "maxlen");
  write_class(plan);
  out_.op(op::EMPTY_TUPLE);
  if (longest.get() == Py_None) {
    out_.op(op::REDUCE);
  } else {
    save_int(longest);
    out_.op(op::TUPLE2, op::REDUCE);
  }
  if (!skip) memoize(object);
  Ref items = Ref::checked(PySequence_List(object));
  if (PyList_GET_SIZE(items.get()) == 0) return nullptr;
  Frame frame{.kind = Kind::list};
  frame.object = std::move(items);
  return start<&Encoder::advance_list>(frame);
}

PyObject* Encoder::begin_ast_node(const Plan& plan, PyObject* object, bool skip) {
  if (is_shadowed(const_cast<Plan&>(plan), object)) return begin_generic(object);
  write_class(plan);
  // Called without arguments, the classes of later versions warn.
  out_.op(op::EMPTY_TUPLE, options_.reduce != nullptr ? op::NEWOBJ : op::REDUCE);
  if (!skip) memoize(object);
  Frame frame{};
  return open_state(frame, plan, object, !skip) ? start<&Encoder::advance_state>(frame) : nullptr;
}

PyObject* Encoder::advance_native(Frame& frame) {
  switch (frame.kind) {
    case Kind::arguments: return advance_arguments(frame);
    case Kind::ordered: return advance_ordered(frame);
    case Kind::late: return advance_late(frame);
    default: return advance_state(frame);
  }
}

}  // namespace brinery
