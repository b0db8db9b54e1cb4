// Objects taken apart by their reduce methods, and persistent ids.
//
// Source: the pickle protocol of object.__reduce_ex__ and copyreg (PEP 307, PEP 574, bpo-35900 for the hooks).
#include "objects/canonical.hpp"
#include "objects/encode_leaves.hpp"

namespace brinery {

namespace {

// A reduce value brought to one shape: always seven parts, None for what is not there.
enum Part : std::uint8_t { callable, arguments, keywords, state, list_items, dict_items, state_setter, part_count };

PyObject* part(const Frame& frame, Part which) { return PyTuple_GET_ITEM(frame.extra.get(), which); }
bool has_part(const Frame& frame, Part which) { return part(frame, which) != Py_None; }

// Stages of a reduce frame; the names say what comes next.
enum Stage : std::uint8_t {
  save_callable,
  save_arguments,
  save_keywords,
  call,
  save_list_items,
  save_dict_items,
  save_state,
  build,
  save_setter_object,
  save_setter_state,
  call_setter,
};

PyObject* item_or_none(PyObject* tuple, Py_ssize_t index) {
  return index < PyTuple_GET_SIZE(tuple) ? PyTuple_GET_ITEM(tuple, index) : Py_None;
}

void check_parts(PyObject* error, PyObject* value) {
  const Py_ssize_t size = PyTuple_GET_SIZE(value);
  if (size < 2 || size > 6) {
    raise(error, "tuple returned by __reduce__ must contain 2 through 6 elements, not %zd", size);
  }
  if (PyCallable_Check(PyTuple_GET_ITEM(value, 0)) == 0) {
    raise(error, "first item of the tuple returned by __reduce__ must be callable, not %.200s",
          Py_TYPE(PyTuple_GET_ITEM(value, 0))->tp_name);
  }
  if (!PyTuple_Check(PyTuple_GET_ITEM(value, 1))) {
    raise(error, "second item of the tuple returned by __reduce__ must be a tuple, not %.200s",
          Py_TYPE(PyTuple_GET_ITEM(value, 1))->tp_name);
  }
  static constexpr const char* ordinals[] = {"fourth", "fifth"};
  for (Py_ssize_t i = 3; i <= 4; ++i) {
    PyObject* items = item_or_none(value, i);
    if (items != Py_None && PyIter_Check(items) == 0) {
      raise(error, "%s element of the tuple returned by __reduce__ must be an iterator, not %.200s", ordinals[i - 3],
            Py_TYPE(items)->tp_name);
    }
  }
  PyObject* setter = item_or_none(value, 5);
  if (setter != Py_None && PyCallable_Check(setter) == 0) {
    raise(error, "sixth element of the tuple returned by __reduce__ must be a function, not %.200s",
          Py_TYPE(setter)->tp_name);
  }
}

bool is_named(PyObject* name, PyObject* expected) {
  return PyUnicode_Check(name) && PyUnicode_Compare(name, expected) == 0;
}

// Whether something but the interpreter runs as the object is given its items and its state, and may look at them.
bool reads_parts(const State& state, const Frame& frame) {
  PyObject* object = frame.object;
  if (has_part(frame, list_items) && !appends_as_list(state, object)) return true;
  if (has_part(frame, dict_items) && !sets_items_as_dict(object)) return true;
  // Of classes and functions, the setter is one of those who take them apart.
  if (has_part(frame, state_setter)) return !PyType_Check(object) && !PyFunction_Check(object);
  return has_part(frame, Part::state) && reads_state(state, Py_TYPE(object));
}

Ref class_of(State& state, PyObject* object) {
  Ref found = lookup_attribute(object, state.names.__class__);
  return found ? found : Ref::borrow(reinterpret_cast<PyObject*>(Py_TYPE(object)));
}

struct Construction {
  std::uint8_t opcode;
  Ref callable, arguments, keywords;
};

Construction newobj_ex(State& state, PyObject* arguments, int protocol) {
  PyObject* error = state.pickling_error;
  if (PyTuple_GET_SIZE(arguments) != 3) {
    raise(error, "length of the NEWOBJ_EX argument tuple must be exactly 3, not %zd", PyTuple_GET_SIZE(arguments));
  }
  PyObject* cls = PyTuple_GET_ITEM(arguments, 0);
  PyObject* args = PyTuple_GET_ITEM(arguments, 1);
  PyObject* kwargs = PyTuple_GET_ITEM(arguments, 2);
  if (!PyType_Check(cls)) {
    raise(error, "first item from NEWOBJ_EX argument tuple must be a class, not %.200s", Py_TYPE(cls)->tp_name);
  }
  if (!PyTuple_Check(args)) {
    raise(error, "second item from NEWOBJ_EX argument tuple must be a tuple, not %.200s", Py_TYPE(args)->tp_name);
  }
  if (!PyDict_Check(kwargs)) {
    raise(error, "third item from NEWOBJ_EX argument tuple must be a dict, not %.200s", Py_TYPE(kwargs)->tp_name);
  }
  if (protocol >= 4) return {op::NEWOBJ_EX, Ref::borrow(cls), Ref::borrow(args), Ref::borrow(kwargs)};
  // No opcode takes keywords yet: partial(cls.__new__, cls, *args, **kwargs)() does.
  Ref constructor = get_attribute(cls, state.names.__new__);
  const Py_ssize_t size = PyTuple_GET_SIZE(args);
  Ref bound = Ref::checked(PyTuple_New(size + 2));
  PyTuple_SET_ITEM(bound.get(), 0, constructor.release());
  PyTuple_SET_ITEM(bound.get(), 1, Py_NewRef(cls));
  for (Py_ssize_t i = 0; i < size; ++i) PyTuple_SET_ITEM(bound.get(), i + 2, Py_NewRef(PyTuple_GET_ITEM(args, i)));
  return {op::REDUCE, Ref::checked(PyObject_Call(state.functools_partial, bound, kwargs)), state.empty_tuple, Ref()};
}

Construction newobj(State& state, PyObject* object, PyObject* arguments) {
  PyObject* error = state.pickling_error;
  if (PyTuple_GET_SIZE(arguments) < 1) raise(error, "__newobj__ arglist is empty");
  PyObject* cls = PyTuple_GET_ITEM(arguments, 0);
  if (!PyType_Check(cls)) raise(error, "args[0] from __newobj__ args is not a type");
  if (object != nullptr && class_of(state, object).get() != cls) {
    raise(error, "args[0] from __newobj__ args has the wrong class");
  }
  return {op::NEWOBJ, Ref::borrow(cls), Ref::checked(PyTuple_GetSlice(arguments, 1, PyTuple_GET_SIZE(arguments))),
          Ref()};
}

}  // namespace

// Persistent ids come before everything else. True when `object` has one, which is then written in its place.
bool Encoder::begin_persistent(PyObject* object) {
  Ref hold = Ref::borrow(object);
  enter_foreign_code();
  Ref id = Ref::checked(PyObject_CallOneArg(options_.persistent_id, object));
  if (id.get() == Py_None) {
    // The hook may have dropped every other reference to it.
    if (Py_REFCNT(object) == 1) limbo_.push_back(std::move(hold));
    return false;
  }
  if (binary_) {
    Frame frame{.kind = Kind::persistent};
    frame.current = id;
    park(std::move(frame));
    return true;
  }
  Ref text = Ref::checked(PyObject_Str(id));
  if (!PyUnicode_IS_ASCII(text.get())) {
    raise(state_.pickling_error, "persistent IDs in protocol 0 must be ASCII strings");
  }
  const auto size = static_cast<std::size_t>(PyUnicode_GET_LENGTH(text.get()));
  std::uint8_t* to = out_.reserve(size + 2);
  to[0] = op::PERSID;
  std::memcpy(to + 1, PyUnicode_DATA(text.get()), size);
  to[size + 1] = '\n';
  out_.advance(size + 2);
  return true;
}

// The id itself is not asked for an id.
PyObject* Encoder::advance_persistent(Frame& frame) {
  if (frame.stage == 0) {
    frame.stage = 1;
    const std::size_t before = parked_frames_.size();
    if (PyObject* next = begin_unhooked(frame.current)) return next;
    if (parked_frames_.size() != before) return parked;
  }
  out_.op(op::BINPERSID);
  return nullptr;
}

// Everything that has neither an opcode nor a plan.
PyObject* Encoder::begin_generic(PyObject* object) {
  if (write_get_if_known(object)) return nullptr;
  if (options_.canonical != nullptr && options_.canonical->key_limit != 0 &&
      out_.used() > options_.canonical->key_limit) {
    throw Canonical::KeyFull{};
  }
  Ref hold = Ref::borrow(object);
  if (options_.reducer_override != nullptr) {
    enter_foreign_code();
    Ref value = Ref::checked(PyObject_CallOneArg(options_.reducer_override, object));
    if (value.get() != Py_NotImplemented) return begin_reduced(object, value);
  }
  if (options_.reduce != nullptr && !goes_by_reference(object)) {
    enter_foreign_code();
    Ref value = Ref::checked(PyObject_CallOneArg(options_.reduce, object));
    if (value.get() != Py_NotImplemented) return begin_reduced(object, value);
  }
  if (PyType_CheckExact(object)) return begin_type(object);
  if (PyFunction_Check(object)) return begin_global(object, nullptr);
  Ref value = reduce_value_of(object);
  if (!value) return begin_global(object, nullptr);
  return begin_reduced(object, value);
}

// Asks the dispatch tables, then the object itself. Empty for a class with a metaclass of its own: those go by name.
Ref Encoder::reduce_value_of(PyObject* object) {
  auto* type = reinterpret_cast<PyObject*>(Py_TYPE(object));
  Ref reducer;
  if (options_.dispatch_table == nullptr) {
    reducer = Ref::borrow(PyDict_GetItemWithError(state_.dispatch_table, type));
    if (!reducer && PyErr_Occurred() != nullptr) throw_python_error();
  } else {
    enter_foreign_code();
    reducer = Ref::steal(PyObject_GetItem(options_.dispatch_table, type));
    if (!reducer && !clear_if(PyExc_KeyError)) throw_python_error();
  }
  if (reducer) {
    enter_foreign_code();
    return Ref::checked(PyObject_CallOneArg(reducer, object));
  }
  if (PyType_Check(object)) return {};
  if (!reduces_without_foreign_code(object)) enter_foreign_code();
  reducer = lookup_attribute(object, state_.names.__reduce_ex__);
  if (reducer) {
    Ref protocol = Ref::checked(PyLong_FromLong(protocol_));
    return Ref::checked(PyObject_CallOneArg(reducer, protocol));
  }
  reducer = lookup_attribute(object, state_.names.__reduce__);
  if (reducer) return Ref::checked(PyObject_CallNoArgs(reducer));
  raise(state_.pickling_error, "can't pickle '%.200s' object: %R", Py_TYPE(object)->tp_name, object);
}

PyObject* Encoder::begin_reduced(PyObject* object, const Ref& value) {
  if (PyUnicode_Check(value.get())) return begin_global(object, value);
  if (!PyTuple_Check(value.get())) {
    raise(state_.pickling_error, "__reduce__ must return a string or tuple, not %.200s", Py_TYPE(value.get())->tp_name);
  }
  const bool memoise = options_.canonical == nullptr || !options_.canonical->is_leaf(object);
  return push_reduce(memoise ? object : nullptr, value);
}

// Pushes the frame that writes a reduce value. `object` is null when the result is not to be memoised.
PyObject* Encoder::push_reduce(PyObject* object, PyObject* value) {
  check_parts(state_.pickling_error, value);
  PyObject* function = PyTuple_GET_ITEM(value, 0);
  PyObject* args = PyTuple_GET_ITEM(value, 1);
  Construction made{op::REDUCE, Ref::borrow(function), Ref::borrow(args), Ref()};
  if (protocol_ >= 2) {
    Ref name = lookup_attribute(function, state_.names.__name__);
    if (name && is_named(name, state_.names.__newobj_ex__)) {
      made = newobj_ex(state_, args, protocol_);
    } else if (name && is_named(name, state_.names.__newobj__)) {
      made = newobj(state_, object, args);
    }
  }
  PyObject* keywords_or_none = made.keywords ? made.keywords.get() : Py_None;
  Frame frame{.kind = Kind::reduce, .closing = made.opcode};
  frame.object = Ref::borrow(object);
  Ref state = Ref::borrow(item_or_none(value, 2));
  if (options_.canonical != nullptr && object != nullptr) state = state_of_its_own(object, state);
  frame.extra =
      Ref::checked(PyTuple_Pack(part_count, made.callable.get(), made.arguments.get(), keywords_or_none, state.get(),
                                item_or_none(value, 3), item_or_none(value, 4), item_or_none(value, 5)));
  if (++user_nesting_ > max_user_nesting) {
    raise(PyExc_RecursionError, "reduce values nested more than %zu deep while pickling '%.200s' object",
          max_user_nesting, object != nullptr ? Py_TYPE(object)->tp_name : "?");
  }
  // While nothing else is memoised, an object that is among its own arguments has to be noticed here.
  if (skip_unique_ && object != nullptr) memo_.begin(object);
  enter_arguments(frame);
  park(std::move(frame));
  return nullptr;
}

PyObject* Encoder::advance_reduce(Frame& frame) {
  for (;;) {
    switch (frame.stage) {
      case save_callable: frame.stage = save_arguments; return part(frame, callable);
      case save_arguments:
        frame.stage = frame.closing == op::NEWOBJ_EX ? save_keywords : call;
        return part(frame, arguments);
      case save_keywords: frame.stage = call; return part(frame, keywords);
      case call:
        --user_nesting_;
        leave_arguments(frame);
        out_.op(frame.closing);
        if (frame.object) {
          // Met again among its own arguments: what was just made is dropped for the one made in there.
          if (const std::int64_t index = memo_.find(frame.object); index >= 0) {
            out_.op(op::POP);
            write_get(index);
            return nullptr;
          }
          memoize_finished(frame.object);
          open_instance(frame, memo_.find(frame.object), reads_parts(state_, frame));
        }
        frame.stage = save_list_items;
        break;
      case save_list_items:
      case save_dict_items: {
        const bool list = frame.stage == save_list_items;
        const Part which = list ? list_items : dict_items;
        frame.stage = list ? save_dict_items : save_state;
        if (!has_part(frame, which)) break;
        Frame items{.kind = list ? Kind::iterator : Kind::item_pairs};
        items.object = Ref::borrow(part(frame, which));
        items.position = frame.object ? memo_.find(frame.object) : MemoTable::absent;
        park(std::move(items));
        return parked;
      }
      case save_state:
        if (!has_part(frame, state)) return finish_instance(frame);
        if (has_part(frame, state_setter)) {
          frame.stage = save_setter_object;
          return part(frame, state_setter);
        }
        frame.stage = build;
        return part(frame, state);
      case build: out_.op(op::BUILD); return finish_instance(frame);
      case save_setter_object: frame.stage = save_setter_state; return frame.object;
      case save_setter_state: frame.stage = call_setter; return part(frame, state);
      default:
        out_.op(op::TUPLE2, op::REDUCE);
        out_.op(op::POP);
        return finish_instance(frame);
    }
  }
}

}  // namespace brinery
