// Classes, functions and other objects that are written as a name in a module.
#include "objects/encode_leaves.hpp"

namespace brinery {

namespace {

// "a.b" -> ["a", "b"]; what sits in a function's locals has no such path.
Ref dotted_path_of(PyObject* object, PyObject* name) {
  Ref dot = Ref::checked(PyUnicode_FromStringAndSize(".", 1));
  Ref path = Ref::checked(PyUnicode_Split(name, dot, -1));
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(path.get()); ++i) {
    if (PyUnicode_CompareWithASCIIString(PyList_GET_ITEM(path.get(), i), "<locals>") == 0) {
      raise(PyExc_AttributeError,
            "Can't pickle local object %R: %.200s objects defined in a function have no importable name", name,
            Py_TYPE(object)->tp_name);
    }
  }
  return path;
}

// module.a.b.c for ["a", "b", "c"], or empty.
Ref attribute_at(PyObject* module, PyObject* path) {
  Ref found = Ref::borrow(module);
  for (Py_ssize_t i = 0; found && i < PyList_GET_SIZE(path); ++i) {
    found = lookup_attribute(found, PyList_GET_ITEM(path, i));
  }
  return found;
}

bool is_dunder_main(PyObject* name) {
  return PyUnicode_Check(name) && PyUnicode_CompareWithASCIIString(name, "__main__") == 0;
}

Ref loaded_module(PyObject* name) {
  Ref module = Ref::steal(PyImport_GetModule(name));
  if (!module && PyErr_Occurred() != nullptr) throw_python_error();
  return module;
}

// The entry of a plain module's namespace; null where only running code could tell.
PyObject* plain_entry(PyObject* module, PyObject* name) {
  if (!PyModule_CheckExact(module)) return nullptr;
  PyObject* found = PyDict_GetItemWithError(PyModule_GetDict(module), name);
  if (found == nullptr && PyErr_Occurred() != nullptr) throw_python_error();
  return found;
}

PyObject* mapped(PyObject* map, PyObject* key) {
  PyObject* found = PyDict_GetItemWithError(map, key);
  if (found == nullptr && PyErr_Occurred() != nullptr) throw_python_error();
  return found;
}

// What Python 2 called it: (module, name).
std::pair<Ref, Ref> python2_name(const State& state, PyObject* module_name, PyObject* name) {
  Ref key = Ref::checked(PyTuple_Pack(2, module_name, name));
  if (PyObject* both = mapped(state.name_mapping_3to2, key); both != nullptr) {
    if (!PyTuple_Check(both) || PyTuple_GET_SIZE(both) != 2 || !PyUnicode_Check(PyTuple_GET_ITEM(both, 0)) ||
        !PyUnicode_Check(PyTuple_GET_ITEM(both, 1))) {
      raise(PyExc_RuntimeError, "_compat_pickle.REVERSE_NAME_MAPPING values should be pairs of str, not %R", both);
    }
    return {Ref::borrow(PyTuple_GET_ITEM(both, 0)), Ref::borrow(PyTuple_GET_ITEM(both, 1))};
  }
  PyObject* module = mapped(state.import_mapping_3to2, module_name);
  if (module != nullptr && !PyUnicode_Check(module)) {
    raise(PyExc_RuntimeError, "_compat_pickle.REVERSE_IMPORT_MAPPING values should be strings, not %.200s",
          Py_TYPE(module)->tp_name);
  }
  return {Ref::borrow(module != nullptr ? module : module_name), Ref::borrow(name)};
}

}  // namespace

PyObject* Encoder::begin_type(PyObject* object) {
  PyObject* singleton = nullptr;
  if (object == reinterpret_cast<PyObject*>(Py_TYPE(Py_None))) singleton = Py_None;
  if (object == reinterpret_cast<PyObject*>(Py_TYPE(Py_Ellipsis))) singleton = Py_Ellipsis;
  if (object == reinterpret_cast<PyObject*>(Py_TYPE(Py_NotImplemented))) singleton = Py_NotImplemented;
  if (singleton == nullptr) return begin_global(object, nullptr);
  return push_reduce(object, Ref::checked(Py_BuildValue("(O(O))", &PyType_Type, singleton)));
}

// The module that an object says it is from, or else the first loaded one in which it is found.
Ref Encoder::which_module(PyObject* object, PyObject* path) {
  if (options_.canonical != nullptr) {
    if (Ref module_name = canonical_module(object)) return module_name;
  }
  Ref name = lookup_attribute(object, state_.names.__module__);
  if (name && name.get() != Py_None) return name;
  enter_foreign_code();
  Ref modules = Ref::borrow(PyImport_GetModuleDict());
  Ref items = Ref::checked(PyMapping_Items(modules));
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items.get()); ++i) {
    PyObject* item = PyList_GET_ITEM(items.get(), i);
    PyObject* module = PyTuple_GET_ITEM(item, 1);
    if (module == Py_None || is_dunder_main(PyTuple_GET_ITEM(item, 0))) continue;
    if (attribute_at(module, path).get() == object) return Ref::borrow(PyTuple_GET_ITEM(item, 0));
  }
  return state_.names.__main__;
}

// `name`, if not null, is the string that __reduce__ returned.
PyObject* Encoder::begin_global(PyObject* object, PyObject* name) {
  Ref hold = Ref::borrow(object);
  const bool builtin = PyType_CheckExact(object) || PyFunction_Check(object) || PyCFunction_CheckExact(object);
  if (!builtin) enter_foreign_code();
  Ref global_name = Ref::borrow(name);
  if (!global_name) global_name = lookup_attribute(object, state_.names.__qualname__);
  if (!global_name) global_name = get_attribute(object, state_.names.__name__);
  if (!PyUnicode_Check(global_name.get())) {
    raise(PyExc_TypeError, "the qualified name of %R must be a str, not %.200s", object,
          Py_TYPE(global_name.get())->tp_name);
  }
  Ref path = dotted_path_of(object, global_name);
  Ref module_name = which_module(object, path);
  check_importable(object, module_name, global_name, path);
  if (protocol_ >= 2 && write_extension(object, module_name, global_name)) return nullptr;

  Frame frame{.kind = Kind::global};
  frame.object = Ref::borrow(object);
  if (protocol_ < 4 && PyList_GET_SIZE(path.get()) > 1) {
    frame.kind = Kind::global_path;
    frame.extra = Ref::checked(PyTuple_Pack(2, module_name.get(), path.get()));
  } else if (protocol_ < 4) {
    write_text_global(module_name, global_name);
    memoize(object);
    return nullptr;
  } else if (plain_ && PyUnicode_CheckExact(module_name.get()) && PyUnicode_CheckExact(global_name.get())) {
    write_stack_global(module_name, global_name);
    memoize(object);
    return nullptr;
  } else {
    frame.extra = Ref::checked(PyTuple_Pack(2, module_name.get(), global_name.get()));
  }
  park(std::move(frame));
  return nullptr;
}

// Raises unless importing the name gives this very object.
void Encoder::check_importable(PyObject* object, PyObject* module_name, PyObject* name, PyObject* path) {
  Ref module;
  if (PyUnicode_Check(module_name)) module = loaded_module(module_name);
  if (module && PyList_GET_SIZE(path) == 1 && plain_entry(module, name) == object) return;
  enter_foreign_code();
  if (!module) {
    module = Ref::steal(PyImport_Import(module_name));
    if (module && PyUnicode_Check(module_name)) {
      // import of a dotted name answers with the top package
      if (Ref loaded = loaded_module(module_name)) module = loaded;
    }
  }
  if (!module) {
    PyErr_Clear();
    raise(state_.pickling_error, "Can't pickle %R: import of module %R failed", object, module_name);
  }
  Ref found = attribute_at(module, path);
  if (!found) {
    raise(state_.pickling_error, "Can't pickle %R: attribute lookup %S on %S failed", object, name, module_name);
  }
  if (found.get() != object) {
    raise(state_.pickling_error, "Can't pickle %R: it's not the same object as %S.%S", object, module_name, name);
  }
}

// EXT1, EXT2 or EXT4 for what copyreg.add_extension() has registered.
bool Encoder::write_extension(PyObject* object, PyObject* module_name, PyObject* name) {
  if (PyDict_GET_SIZE(state_.extension_registry.get()) == 0) return false;
  Ref key = Ref::checked(PyTuple_Pack(2, module_name, name));
  PyObject* registered = mapped(state_.extension_registry, key);
  if (registered == nullptr) return false;
#if PY_VERSION_HEX >= 0x030D0000
  PyObject *not_integer = PyExc_TypeError, *out_of_range = PyExc_RuntimeError;
#else
  PyObject *not_integer = state_.pickling_error, *out_of_range = state_.pickling_error;
#endif
  if (!PyLong_Check(registered)) {
    raise(not_integer, "Can't pickle %R: extension code %R isn't an integer", object, registered);
  }
  const long code = PyLong_AsLong(registered);
  if (code == -1 && PyErr_Occurred() != nullptr) throw_python_error();
  if (code <= 0 || code > 0x7fffffffL) {
    raise(out_of_range, "Can't pickle %R: extension code %ld is out of range", object, code);
  }
  if (code <= 0xff) {
    out_.op_u8(op::EXT1, static_cast<std::uint8_t>(code));
  } else if (code <= 0xffff) {
    out_.op_little(op::EXT2, static_cast<std::uint16_t>(code));
  } else {
    out_.op_little(op::EXT4, static_cast<std::int32_t>(code));
  }
  return true;
}

// REQUIRES: both are exact str, and no hook wants to see them.
void Encoder::write_stack_global(PyObject* module_name, PyObject* name) {
  save_str(module_name);
  save_str(name);
  out_.op(op::STACK_GLOBAL);
  note_global(module_name, name);
}

void Encoder::note_global(PyObject* module_name, PyObject* name) {
  if (options_.globals == nullptr) return;
  const Ref both = Ref::checked(PyTuple_Pack(2, module_name, name));
  check_status(PyList_Append(options_.globals, both));
}

// GLOBAL: ASCII under the names of Python 2 in protocols up to 2, UTF-8 in protocol 3.
void Encoder::write_text_global(PyObject* module_name, PyObject* name) {
  Ref module_text = Ref::borrow(module_name);
  Ref name_text = Ref::borrow(name);
  if (protocol_ < 3 && options_.fix_imports) {
    std::tie(module_text, name_text) = python2_name(state_, module_name, name);
  }
  const auto encode = [&](PyObject* text, const char* what) {
    Ref encoded = Ref::steal(protocol_ == 3 ? PyUnicode_AsUTF8String(text) : PyUnicode_AsASCIIString(text));
    if (!encoded) {
      if (!clear_if(PyExc_UnicodeEncodeError)) throw_python_error();
      raise(state_.pickling_error, "can't pickle %s identifier '%S' using pickle protocol %i", what, text, protocol_);
    }
    return encoded;
  };
  Ref module_bytes = encode(module_text, "module");
  Ref name_bytes = encode(name_text, "global");
  const auto module_size = static_cast<std::size_t>(PyBytes_GET_SIZE(module_bytes.get()));
  const auto name_size = static_cast<std::size_t>(PyBytes_GET_SIZE(name_bytes.get()));
  std::uint8_t* to = out_.reserve(module_size + name_size + 3);
  *to++ = op::GLOBAL;
  std::memcpy(to, PyBytes_AS_STRING(module_bytes.get()), module_size);
  to += module_size;
  *to++ = '\n';
  std::memcpy(to, PyBytes_AS_STRING(name_bytes.get()), name_size);
  to[name_size] = '\n';
  out_.advance(module_size + name_size + 3);
}

// global: the two names go through the hooks. global_path, protocols below 4: a name with dots becomes
// getattr(getattr(module.top, "a"), "b").
PyObject* Encoder::advance_global(Frame& frame) {
  PyObject* first = PyTuple_GET_ITEM(frame.extra.get(), 0);
  PyObject* second = PyTuple_GET_ITEM(frame.extra.get(), 1);
  if (frame.kind == Kind::global) {
    if (frame.stage < 2) return frame.stage++ == 0 ? first : second;
    out_.op(op::STACK_GLOBAL);
    note_global(first, second);
    memoize(frame.object);
    return nullptr;
  }
  const Py_ssize_t attributes = PyList_GET_SIZE(second) - 1;
  if (frame.stage == 0) {
    if (frame.position > 0 && protocol_ < 2) out_.op(op::MARK);
    if (frame.position++ < attributes) return state_.builtin_getattr;
    write_text_global(first, PyList_GET_ITEM(second, 0));
    frame.stage = 1;
    frame.position = 0;
  }
  if (frame.position > 0) {
    out_.op(protocol_ < 2 ? op::TUPLE : op::TUPLE2, op::REDUCE);
  }
  if (frame.position < attributes) return PyList_GET_ITEM(second, ++frame.position);
  memoize(frame.object);
  return nullptr;
}

}  // namespace brinery
