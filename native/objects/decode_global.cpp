// Names: globals, the extension registry, persistent ids.
#include "objects/decoder.hpp"

namespace brinery {

namespace {

PyObject* entry(PyObject* dict, PyObject* key) {
  PyObject* found = PyDict_GetItemWithError(dict, key);
  if (found == nullptr && PyErr_Occurred() != nullptr) throw_python_error();
  return found;
}

// What Python 3 calls it.
void rename_from_python2(const State& state, Ref& module_name, Ref& name) {
  Ref key = Ref::checked(PyTuple_Pack(2, module_name.get(), name.get()));
  if (PyObject* both = entry(state.name_mapping_2to3, key); both != nullptr) {
    if (!PyTuple_Check(both) || PyTuple_GET_SIZE(both) != 2 || !PyUnicode_Check(PyTuple_GET_ITEM(both, 0)) ||
        !PyUnicode_Check(PyTuple_GET_ITEM(both, 1))) {
      raise(PyExc_RuntimeError, "_compat_pickle.NAME_MAPPING values should be pairs of str, not %R", both);
    }
    module_name = Ref::borrow(PyTuple_GET_ITEM(both, 0));
    name = Ref::borrow(PyTuple_GET_ITEM(both, 1));
    return;
  }
  if (PyObject* module = entry(state.import_mapping_2to3, module_name); module != nullptr) {
    if (!PyUnicode_Check(module)) {
      raise(PyExc_RuntimeError, "_compat_pickle.IMPORT_MAPPING values should be strings, not %.200s",
            Py_TYPE(module)->tp_name);
    }
    module_name = Ref::borrow(module);
  }
}

// module.a.b.c; `dotted` false: the name is one attribute, dots and all.
Ref attribute_of(PyObject* module, PyObject* name, bool dotted) {
  if (!dotted) {
    Ref found = lookup_attribute(module, name);
    if (!found) raise(PyExc_AttributeError, "Can't get attribute %R on %R", name, module);
    return found;
  }
  Ref dot = Ref::checked(PyUnicode_FromStringAndSize(".", 1));
  Ref path = Ref::checked(PyUnicode_Split(name, dot, -1));
  Ref found = Ref::borrow(module);
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(path.get()); ++i) {
    PyObject* step = PyList_GET_ITEM(path.get(), i);
    if (PyUnicode_CompareWithASCIIString(step, "<locals>") == 0) {
      raise(PyExc_AttributeError, "Can't get local attribute %R on %R", name, module);
    }
    found = lookup_attribute(found, step);
    if (!found) raise(PyExc_AttributeError, "Can't get attribute %R on %R", name, module);
  }
  return found;
}

}  // namespace

// The entry of a plain module that is loaded: what importing would give, without asking the import system. Empty for
// names that are, or lead through, more than one entry.
Ref Decoder::find_plain(PyObject* module_name, PyObject* name) {
  if (!PyUnicode_Check(name) || PyUnicode_FindChar(name, '.', 0, PyUnicode_GET_LENGTH(name), 1) != -1) return {};
  // A failed import of ".name" leaves an entry behind, but fails again.
  if (!PyUnicode_Check(module_name) || PyUnicode_GET_LENGTH(module_name) == 0 ||
      PyUnicode_READ_CHAR(module_name, 0) == '.') {
    return {};
  }
  const Py_ssize_t size = PyUnicode_GET_LENGTH(name);
  if (size < 2 || (PyUnicode_READ_CHAR(name, 0) == '_' && PyUnicode_READ_CHAR(name, 1) == '_')) return {};
  Ref module = Ref::steal(PyImport_GetModule(module_name));
  if (!module) {
    if (PyErr_Occurred() != nullptr) throw_python_error();
    return {};
  }
  if (!PyModule_CheckExact(module.get())) return {};
  return Ref::borrow(entry(PyModule_GetDict(module), name));
}

Ref find_global(State& state, PyObject* module_name, PyObject* name, int protocol, bool fix_imports) {
  if (PySys_Audit("pickle.find_class", "OO", module_name, name) < 0) throw_python_error();
  Ref module_found = Ref::borrow(module_name);
  Ref name_found = Ref::borrow(name);
  if (protocol < 3 && fix_imports) rename_from_python2(state, module_found, name_found);
  Ref module = Ref::checked(PyImport_Import(module_found));
  // import of a dotted name may answer with the top package
  if (PyUnicode_Check(module_found.get())) {
    Ref loaded = Ref::steal(PyImport_GetModule(module_found));
    if (!loaded && PyErr_Occurred() != nullptr) throw_python_error();
    if (loaded) module = std::move(loaded);
  }
  return attribute_of(module, name_found, protocol >= 4);
}

Ref Decoder::find_class(PyObject* module_name, PyObject* name) {
  Ref found = resolve(module_name, name);
  // NumPy's arrays and scalars come in numbers: worth knowing how to make them.
  if (PyUnicode_Check(name) && (PyUnicode_CompareWithASCIIString(name, "_frombuffer") == 0 ||
                                PyUnicode_CompareWithASCIIString(name, "scalar") == 0)) {
    ForeignCode foreign(*this);
    cache_.numpy.learn();
  }
  return found;
}

// The global among those given, under the name that Python 3 has for it; nothing is imported, no attribute looked up.
Ref Decoder::find_given(PyObject* module_name, PyObject* name) {
  Ref module_found = Ref::borrow(module_name);
  Ref name_found = Ref::borrow(name);
  if (protocol_ < 3 && options_.fix_imports) rename_from_python2(state_, module_found, name_found);
  ForeignCode foreign(*this);  // whoever listens
  if (PySys_Audit("pickle.find_class", "OO", module_found.get(), name_found.get()) < 0) throw_python_error();
  PyObject* names = entry(options_.globals, module_found);
  if (names != nullptr && !PyDict_Check(names)) {
    raise(PyExc_TypeError, "globals must map modules to dicts, not to %.200s", Py_TYPE(names)->tp_name);
  }
  PyObject* found = names != nullptr ? entry(names, name_found) : nullptr;
  if (found == nullptr) {
    raise(state_.unpickling_error, "%U.%U is not among the globals given", module_found.get(), name_found.get());
  }
  return Ref::borrow(found);
}

Ref Decoder::resolve(PyObject* module_name, PyObject* name) {
  if (options_.globals != nullptr) return find_given(module_name, name);
  if (options_.find_class != nullptr) {
    ForeignCode foreign(*this);
    return Ref::checked(PyObject_CallFunctionObjArgs(options_.find_class, module_name, name, nullptr));
  }
  if (protocol_ >= 3 || !options_.fix_imports) {
    if (Ref found = find_plain(module_name, name)) {
      ForeignCode foreign(*this);  // whoever listens
      if (PySys_Audit("pickle.find_class", "OO", module_name, name) < 0) throw_python_error();
      return found;
    }
  }
  ForeignCode foreign(*this);
  try {
    return find_global(state_, module_name, name, protocol_, options_.fix_imports);
  } catch (const PythonError&) {
    if (options_.find_missing == nullptr) throw;
    return find_missing(module_name, name);
  }
}

// Asks the hook, with the error that says what is missing, for what has moved.
Ref Decoder::find_missing(PyObject* module_name, PyObject* name) {
  if (PyErr_ExceptionMatches(PyExc_ImportError) == 0 && PyErr_ExceptionMatches(PyExc_AttributeError) == 0) {
    throw_python_error();
  }
  PyObject *type = nullptr, *value = nullptr, *traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  Ref held_type = Ref::steal(type), error = Ref::steal(value), held_traceback = Ref::steal(traceback);
  return Ref::checked(PyObject_CallFunctionObjArgs(options_.find_missing, module_name, name, error.get(), nullptr));
}

void Decoder::load_global() {
  std::size_t size = 0;
  const auto* line = reinterpret_cast<const char*>(take_line(size));
  Ref module_name = Ref::checked(PyUnicode_DecodeUTF8(line, static_cast<Py_ssize_t>(size), "strict"));
  line = reinterpret_cast<const char*>(take_line(size));
  Ref name = Ref::checked(PyUnicode_DecodeUTF8(line, static_cast<Py_ssize_t>(size), "strict"));
  push(find_class(module_name, name));
}

void Decoder::load_stack_global() {
  require(2);
  if (peek(1) == unmade_dict()) fail("STACK_GLOBAL requires str");
  Ref name = pop();
  Ref module_name = pop();
  if (!PyUnicode_CheckExact(module_name.get()) || !PyUnicode_CheckExact(name.get())) fail("STACK_GLOBAL requires str");
  push(find_class(module_name, name));
}

void Decoder::load_inst() {
  const std::size_t from = pop_mark();
  std::size_t size = 0;
  const auto* line = reinterpret_cast<const char*>(take_line(size));
  Ref module_name = Ref::checked(PyUnicode_DecodeASCII(line, static_cast<Py_ssize_t>(size), "strict"));
  line = reinterpret_cast<const char*>(take_line(size));
  Ref name = Ref::checked(PyUnicode_DecodeASCII(line, static_cast<Py_ssize_t>(size), "strict"));
  Ref cls = find_class(module_name, name);
  Ref args = pop_tuple(from);
  push(instantiate(cls, args));
}

void Decoder::load_extension(long code) {
  if (code <= 0) fail("EXT specifies code <= 0");
  if (options_.globals != nullptr) fail("extension codes are not among the globals given");
  need_more_than_plain();
  Ref number = Ref::checked(PyLong_FromLong(code));
  if (PyObject* cached = entry(state_.extension_cache, number); cached != nullptr) return push(Ref::borrow(cached));
  PyObject* registered = entry(state_.inverted_registry, number);
  if (registered == nullptr) {
    PyErr_Format(PyExc_ValueError, "unregistered extension code %ld", code);
    throw_python_error();
  }
  if (!PyTuple_Check(registered) || PyTuple_GET_SIZE(registered) != 2 ||
      !PyUnicode_Check(PyTuple_GET_ITEM(registered, 0)) || !PyUnicode_Check(PyTuple_GET_ITEM(registered, 1))) {
    PyErr_Format(PyExc_ValueError, "_inverted_registry[%ld] isn't a 2-tuple of strings", code);
    throw_python_error();
  }
  Ref hold = Ref::borrow(registered);
  Ref found = find_class(PyTuple_GET_ITEM(registered, 0), PyTuple_GET_ITEM(registered, 1));
  check_status(PyDict_SetItem(state_.extension_cache, number, found));
  push(std::move(found));
}

void Decoder::load_persistent_line() {
  if (options_.persistent_load == nullptr) {
    fail("A load persistent id instruction was encountered, but no persistent_load function was specified.");
  }
  std::size_t size = 0;
  const auto* line = reinterpret_cast<const char*>(take_line(size, true));
  Ref id = Ref::steal(PyUnicode_DecodeASCII(line, static_cast<Py_ssize_t>(size), "strict"));
  if (!id) {
    if (!clear_if(PyExc_UnicodeDecodeError)) throw_python_error();
    raise(state_.unpickling_error, "persistent IDs in protocol 0 must be ASCII strings");
  }
  call_persistent_load(id);
}

void Decoder::load_persistent() {
  if (options_.persistent_load == nullptr) {
    fail("A load persistent id instruction was encountered, but no persistent_load function was specified.");
  }
  Ref id = pop();
  call_persistent_load(id);
}

void Decoder::call_persistent_load(PyObject* id) {
  ForeignCode foreign(*this);
  push(Ref::checked(PyObject_CallOneArg(options_.persistent_load, id)));
}

void Decoder::load_get_line() {
  need_more_than_plain();  // numbers the memo by text, which binary opcodes may number otherwise
  std::size_t size = 0;
  const auto* line = reinterpret_cast<const char*>(take_line(size));
  Ref number = Ref::checked(PyLong_FromString(std::string(line, size).c_str(), nullptr, 10));
  const Py_ssize_t index = PyLong_AsSsize_t(number);
  if (index == -1 && PyErr_Occurred() != nullptr) throw_python_error();
  PyObject* object = index >= 0 ? memo_.get(static_cast<std::size_t>(index)) : nullptr;
  if (object == nullptr) {
    PyErr_Format(state_.unpickling_error, "Memo value not found at index %zd (at offset %zu, opcode GET)", index,
                 offset());
    throw_python_error();
  }
  push(Ref::borrow(object));
}

void Decoder::load_put_line() {
  need_more_than_plain();  // numbers the memo by text, which binary opcodes may number otherwise
  std::size_t size = 0;
  const auto* line = reinterpret_cast<const char*>(take_line(size));
  require(1);
  Ref number = Ref::checked(PyLong_FromString(std::string(line, size).c_str(), nullptr, 10));
  const Py_ssize_t index = PyLong_AsSsize_t(number);
  if (index == -1 && PyErr_Occurred() != nullptr) throw_python_error();
  if (index < 0) fail(PyExc_ValueError, "negative PUT argument");
  memo_.put(static_cast<std::size_t>(index), peek());
}

}  // namespace brinery
