// Unpickler, load and loads.
#include <optional>

#include "module/arguments.hpp"
#include "module/boundary.hpp"
#include "module/bytes_view.hpp"
#include "module/parts.hpp"
#include "module/unpickler_memo.hpp"
#include "objects/decoder.hpp"

namespace brinery {

namespace {

// Smaller pickles are scanned without first finding out whether that pays.
constexpr std::size_t sample_from = 512;

struct UnpicklerObject {
  PyObject_HEAD DecodeMemo memo;
  FileSource source;
  wire::Reader in;
  Ref buffers;           // iterator, or empty
  Ref persistent_load;   // the attribute form: set on the instance
  Ref encoding, errors;  // str, kept for their UTF-8
  int protocol;
  bool fix_imports;
  bool running;
};

UnpicklerObject& unpickler(PyObject* self) { return *reinterpret_cast<UnpicklerObject*>(self); }

auto references(UnpicklerObject& fields) {
  return std::array{&fields.buffers, &fields.persistent_load, &fields.encoding, &fields.errors};
}

// The given text as UTF-8, borrowed from the str; raises TypeError and ValueError as str parameters do.
const char* text_argument(PyObject* value, const char* name, const char* otherwise) {
  if (value == nullptr) return otherwise;
  if (!PyUnicode_Check(value)) {
    raise(PyExc_TypeError, "argument '%s' must be str, not %.200s", name, Py_TYPE(value)->tp_name);
  }
  Py_ssize_t size = 0;
  const char* text = PyUnicode_AsUTF8AndSize(value, &size);
  if (text == nullptr) throw_python_error();
  if (std::strlen(text) != static_cast<std::size_t>(size)) raise(PyExc_ValueError, "embedded null character");
  return text;
}

Ref buffers_argument(PyObject* value) {
  return value == nullptr || value == Py_None ? Ref() : Ref::checked(PyObject_GetIter(value));
}

// A dict, borrowed, or null where there is none.
PyObject* dict_argument(PyObject* value, const char* name) {
  if (value == nullptr || value == Py_None) return nullptr;
  if (!PyDict_Check(value)) raise(PyExc_TypeError, "%s must be a dict, not %.200s", name, Py_TYPE(value)->tp_name);
  return value;
}

constexpr Signature<5> loads_signature{"loads", {"data", "fix_imports", "encoding", "errors", "buffers"}, 1, 0};
constexpr Signature<5> decode_signature{"decode", {"data", "buffers", "missing", "globals", "builders"}, 1, 1};
constexpr Signature<5> load_signature{"load", {"file", "fix_imports", "encoding", "errors", "buffers"}, 1, 1};
constexpr Signature<5> init_signature{"Unpickler", {"file", "fix_imports", "encoding", "errors", "buffers"}, 1, 1};

struct Settings {
  DecoderOptions options;
  Ref buffers;
  explicit Settings(const std::array<PyObject*, 5>& values) : buffers(buffers_argument(values[4])) {
    options.fix_imports = is_true(values[1], true);
    options.encoding = text_argument(values[2], "encoding", "ASCII");
    options.errors = text_argument(values[3], "errors", "strict");
    options.buffers = buffers;
  }
};

// A message of plain data, without a scan; empty when there is more to it.
Ref load_plain(State& state, const DecoderOptions& options, wire::Reader in) {
  wire::Scan nothing_fetched;
  nothing_fetched.regular = true;
  DecodeMemo memo;
  try {
    Decoder decoder(state, options, memo, in, nullptr, &nothing_fetched);
    decoder.assume_plain();
    return decoder.decode();
  } catch (const Decoder::Restart&) {
    return {};
  }
}

Ref load_from(State& state, const DecoderOptions& options, PyObject* data) {
  BytesView view(data);
  wire::Reader in{view.begin(), view.end()};
  wire::Scan scan;
  PlainTrust& trust = state.decoder_cache->plain_trust;
  if (!in.has(sample_from) && trust.ask()) {
    if (Ref plain = load_plain(state, options, in)) {
      trust.confirm();
      return plain;
    }
    trust.disappoint();
  }
  if (!in.has(sample_from) || wire::worth_scanning(in.cursor, in.end)) scan = wire::scan(in.cursor, in.end);
  DecodeMemo memo;
  Decoder decoder(state, options, memo, in, nullptr, scan.regular ? &scan : nullptr);
  return decoder.decode();
}

PyObject* loads(PyObject* module, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  return guard([&] {
    std::array<PyObject*, 5> values{};
    if (nargs < 1) raise(PyExc_TypeError, "loads() missing required argument 'data' (pos 1)");
    parse_arguments(loads_signature, args, nargs, kwnames, values);
    Settings settings(values);
    return load_from(state_of_module(module), settings.options, values[0]);
  });
}

PyObject* decode(PyObject* module, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  return guard([&] {
    std::array<PyObject*, 5> values{};
    parse_arguments(decode_signature, args, nargs, kwnames, values);
    Ref buffers = buffers_argument(values[1]);
    DecoderOptions options;
    options.buffers = buffers;
    options.find_missing = values[2] == Py_None ? nullptr : values[2];
    options.globals = dict_argument(values[3], "globals");
    std::optional<BuilderTable> builders;
    if (PyObject* given = dict_argument(values[4], "builders"); given != nullptr && PyDict_GET_SIZE(given) > 0) {
      options.builders = &builders.emplace(given);
    }
    return load_from(state_of_module(module), options, values[0]);
  });
}

PyObject* load(PyObject* module, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  return guard([&] {
    State& state = state_of_module(module);
    std::array<PyObject*, 5> values{};
    parse_arguments(load_signature, args, nargs, kwnames, values);
    Settings settings(values);
    FileSource source;
    source.open(state, values[0]);
    wire::Reader in;
    DecodeMemo memo;
    Decoder decoder(state, settings.options, memo, in, &source, nullptr);
    return decoder.decode();
  });
}

PyObject* unpickler_new(PyTypeObject* type, PyObject*, PyObject*) {
  return guard([&] {
    Ref self = Ref::checked(type->tp_alloc(type, 0));
    auto& fields = unpickler(self);
    new (&fields.memo) DecodeMemo();
    new (&fields.source) FileSource();
    new (&fields.in) wire::Reader();
    for (Ref* ref : references(fields)) new (ref) Ref();
    return self;
  });
}

int unpickler_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  return guard_status([&] {
    State& state = state_of(Py_TYPE(self));
    std::array<PyObject*, 5> values{};
    parse_arguments(init_signature, args, kwargs, values);
    Settings settings(values);
    auto& fields = unpickler(self);
    if (fields.running) raise(PyExc_RuntimeError, "Unpickler object is being used by a load() that has not returned");
    FileSource source;
    source.open(state, values[0]);
    fields.memo.clear();
    fields.source = std::move(source);
    fields.in = wire::Reader();
    fields.buffers = std::move(settings.buffers);
    fields.encoding = Ref::borrow(values[2]);
    fields.errors = Ref::borrow(values[3]);
    fields.fix_imports = settings.options.fix_imports;
    fields.protocol = 0;
  });
}

int unpickler_traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  auto& fields = unpickler(self);
  for (const Ref* ref : references(fields)) {
    if (int status = ref->visit(visit, arg); status != 0) return status;
  }
  if (int status = fields.source.traverse(visit, arg); status != 0) return status;
  return fields.memo.traverse(visit, arg);
}

int unpickler_clear(PyObject* self) {
  auto& fields = unpickler(self);
  for (Ref* ref : references(fields)) ref->reset();
  fields.source.clear();
  fields.in = wire::Reader();
  fields.memo.clear();
  return 0;
}

void unpickler_dealloc(PyObject* self) {
  PyObject_GC_UnTrack(self);
  unpickler_clear(self);
  unpickler(self).memo.~DecodeMemo();
  unpickler(self).source.~FileSource();
  PyTypeObject* type = Py_TYPE(self);
  type->tp_free(self);
  Ref::steal(reinterpret_cast<PyObject*>(type));  // instances of heap types own their type
}

// A method that a subclass put in place of the one of Unpickler itself, bound; or empty.
Ref override_of(State& state, PyObject* self, PyObject* name) {
  if (Py_TYPE(self) == reinterpret_cast<PyTypeObject*>(state.unpickler_type.get())) return {};
  Ref found = lookup_attribute(self, name);
  if (found && PyCFunction_Check(found.get()) && PyCFunction_GET_SELF(found.get()) == self) return {};
  return found;
}

PyObject* unpickler_load(PyObject* self, PyObject*) {
  return guard([&] {
    State& state = state_of(Py_TYPE(self));
    auto& fields = unpickler(self);
    if (!fields.source.is_open()) {
      raise(state.unpickling_error, "Unpickler.__init__() was not called by %s.__init__()", Py_TYPE(self)->tp_name);
    }
    if (fields.running) raise(PyExc_RuntimeError, "Unpickler object is being used by a load() that has not returned");
    struct Running {
      explicit Running(bool& flag) : flag_(flag) { flag_ = true; }
      Running(const Running&) = delete;
      Running& operator=(const Running&) = delete;
      ~Running() { flag_ = false; }
      bool& flag_;
    };
    Ref hold = Ref::borrow(self);
    Ref buffers = fields.buffers;
    Ref find_class = override_of(state, self, state.names.find_class);
    Ref persistent_load = fields.persistent_load;
    if (!persistent_load) persistent_load = override_of(state, self, state.names.persistent_load);
    Ref encoding = fields.encoding, errors = fields.errors;
    DecoderOptions options;
    options.fix_imports = fields.fix_imports;
    options.encoding = text_argument(encoding, "encoding", "ASCII");
    options.errors = text_argument(errors, "errors", "strict");
    options.buffers = buffers;
    options.find_class = find_class;
    options.persistent_load = persistent_load;
    Running running(fields.running);
    fields.source.start_offset(fields.in);
    Decoder decoder(state, options, fields.memo, fields.in, &fields.source, nullptr);
    decoder.report_protocol(&fields.protocol);
    return decoder.decode();
  });
}

PyObject* unpickler_find_class(PyObject* self, PyObject* const* args, Py_ssize_t nargs) {
  return guard([&] {
    if (nargs != 2) raise(PyExc_TypeError, "find_class expected 2 arguments, got %zd", nargs);
    auto& fields = unpickler(self);
    return find_global(state_of(Py_TYPE(self)), args[0], args[1], fields.protocol, fields.fix_imports);
  });
}

#if PY_VERSION_HEX >= 0x030D0000
PyObject* unpickler_persistent_load(PyObject* self, PyObject*) {
  return guard([&]() -> PyObject* {
    raise(state_of(Py_TYPE(self)).unpickling_error,
          "A load persistent id instruction was encountered, but no persistent_load function was specified.");
  });
}
#endif

PyObject* unpickler_sizeof(PyObject* self, PyObject*) {
  return PyLong_FromSize_t(static_cast<std::size_t>(Py_TYPE(self)->tp_basicsize) +
                           unpickler(self).memo.allocated_bytes());
}

bool is_persistent_load(PyObject* name) {
  return PyUnicode_Check(name) && PyUnicode_CompareWithASCIIString(name, "persistent_load") == 0;
}

PyObject* unpickler_getattro(PyObject* self, PyObject* name) {
  auto& attribute = unpickler(self).persistent_load;
  if (attribute && is_persistent_load(name)) return attribute.new_reference();
  return PyObject_GenericGetAttr(self, name);
}

int unpickler_setattro(PyObject* self, PyObject* name, PyObject* value) {
  if (!is_persistent_load(name)) return PyObject_GenericSetAttr(self, name, value);
  return guard_status([&] {
    auto& attribute = unpickler(self).persistent_load;
    if (value == nullptr && !attribute) raise(PyExc_AttributeError, "persistent_load");
    if (value != nullptr && PyCallable_Check(value) == 0) {
      raise(PyExc_TypeError, "persistent_load must be a callable taking one argument");
    }
    attribute = Ref::borrow(value);
  });
}

PyObject* unpickler_get_memo(PyObject* self, void*) {
  return guard([&] { return new_unpickler_memo(state_of(Py_TYPE(self)), self, unpickler(self).memo); });
}

int unpickler_set_memo(PyObject* self, PyObject* value, void*) {
  return guard_status([&] {
    if (value == nullptr) raise(PyExc_TypeError, "attribute deletion is not supported");
    DecodeMemo memo;
    fill_memo(state_of(Py_TYPE(self)), value, memo);
    std::swap(unpickler(self).memo, memo);
  });
}

PyDoc_STRVAR(unpickler_doc,
             "Unpickler(file, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())\n--\n\n"
             "Reads pickles from a binary file; pickle.Unpickler's drop-in.\n\n"
             "`file` needs read(n) and readline() methods that return bytes; readinto() and peek() are used where\n"
             "there are any, and no more is read than the pickle takes. `encoding` and `errors` tell how to decode\n"
             "8-bit strings that Python 2 pickled. `buffers` gives the out-of-band buffers of a pickle that was\n"
             "made with a buffer_callback.");
PyDoc_STRVAR(unpickler_load_doc, "load($self, /)\n--\n\nRead one pickle from the open file and return its object.");
PyDoc_STRVAR(find_class_doc,
             "find_class($self, module_name, global_name, /)\n--\n\n"
             "Return an object from a module, importing the module if need be. Override it to decide what may be\n"
             "loaded.");

PyMethodDef unpickler_methods[] = {
    {"load", unpickler_load, METH_NOARGS, unpickler_load_doc},
    {"find_class", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(unpickler_find_class)), METH_FASTCALL,
     find_class_doc},
    {"__sizeof__", unpickler_sizeof, METH_NOARGS, "__sizeof__($self, /)\n--\n\nReturns size in memory, in bytes."},
#if PY_VERSION_HEX >= 0x030D0000
    {"persistent_load", unpickler_persistent_load, METH_O,
     "persistent_load($self, pid, /)\n--\n\nReturn the object that a persistent id stands for."},
#endif
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef unpickler_getset[] = {
    {"memo", unpickler_get_memo, unpickler_set_memo, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot unpickler_slots[] = {
    {Py_tp_doc, const_cast<char*>(unpickler_doc)},
    {Py_tp_new, reinterpret_cast<void*>(unpickler_new)},
    {Py_tp_init, reinterpret_cast<void*>(unpickler_init)},
    {Py_tp_dealloc, reinterpret_cast<void*>(unpickler_dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(unpickler_traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(unpickler_clear)},
    {Py_tp_getattro, reinterpret_cast<void*>(unpickler_getattro)},
    {Py_tp_setattro, reinterpret_cast<void*>(unpickler_setattro)},
    {Py_tp_methods, unpickler_methods},
    {Py_tp_getset, unpickler_getset},
    {0, nullptr},
};

PyType_Spec unpickler_spec = {
    .name = "brinery.pickle.Unpickler",
    .basicsize = sizeof(UnpicklerObject),
    .itemsize = 0,
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = unpickler_slots,
};

PyDoc_STRVAR(loads_doc,
             "loads($module, data, /, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())\n--\n\n"
             "Read a pickle from a bytes-like object and return its object; pickle.loads's drop-in. See Unpickler\n"
             "for the arguments.");
PyDoc_STRVAR(
    decode_doc,
    "decode($module, /, data, *, buffers=None, missing=None, globals=None, builders=None)\n--\n\n"
    "loads() with hooks. missing(module, name, error) is called once for each global that is not where the\n"
    "pickle says, with the ImportError or AttributeError; it answers with the object, or raises.\n"
    "With `globals`, {module: {name: object}}, there are no others: names are looked up as they are (as Python 3\n"
    "has them, below protocol 3), nothing is imported, and what is not there raises UnpicklingError.\n"
    "`builders`, {type: builder}, says who gives instances of just these types their state:\n"
    "builder(object, state) is called in place of all that BUILD does.");
PyDoc_STRVAR(load_doc,
             "load($module, /, file, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())\n--\n\n"
             "Read a pickle from an open binary file and return its object; pickle.load's drop-in. See Unpickler\n"
             "for the arguments.");

PyMethodDef functions[] = {
    {"loads", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(loads)), METH_FASTCALL | METH_KEYWORDS,
     loads_doc},
    {"decode", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(decode)), METH_FASTCALL | METH_KEYWORDS,
     decode_doc},
    {"load", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(load)), METH_FASTCALL | METH_KEYWORDS,
     load_doc},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

void add_unpickler(PyObject* module, State& state) {
  state.decoder_cache = {new DecoderCache(), [](DecoderCache* cache) { delete cache; }};
  state.unpickler_memo_type = make_unpickler_memo_type(module);
  state.unpickler_type = Ref::checked(PyType_FromModuleAndSpec(module, &unpickler_spec, nullptr));
  check_status(PyModule_AddType(module, reinterpret_cast<PyTypeObject*>(state.unpickler_type.get())));
  check_status(PyModule_AddFunctions(module, functions));
}

}  // namespace brinery
