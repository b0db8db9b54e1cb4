// Pickler, dump and dumps.
#include <memory>

#include "module/arguments.hpp"
#include "module/boundary.hpp"
#include "module/encoding.hpp"
#include "module/parts.hpp"
#include "module/pickler_memo.hpp"
#include "objects/encoder.hpp"

namespace brinery {

namespace {

struct PicklerObject {
  PyObject_HEAD MemoTable memo;
  Ref write;
  Ref buffer_callback;
  Ref persistent_id;   // the attribute form: set on the instance
  Ref dispatch_table;  // set on the instance
  int protocol;
  int binary;  // the attribute `bin`
  int fast;
  bool fix_imports;
};

PicklerObject& pickler(PyObject* self) { return *reinterpret_cast<PicklerObject*>(self); }

Ref write_method(const State& state, PyObject* file) {
  Ref write = lookup_attribute(file, state.names.write);
  if (!write) raise(PyExc_TypeError, "file must have a 'write' attribute");
  return write;
}

constexpr Signature<4> dumps_signature{"dumps", {"obj", "protocol", "fix_imports", "buffer_callback"}, 2, 1};
constexpr Signature<5> dump_signature{"dump", {"obj", "file", "protocol", "fix_imports", "buffer_callback"}, 3, 2};
constexpr Signature<4> init_signature{"Pickler", {"file", "protocol", "fix_imports", "buffer_callback"}, 4, 1};

PyObject* dumps(PyObject* module, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  return guard([&] {
    State& state = state_of_module(module);
    std::array<PyObject*, 4> values{};
    parse_arguments(dumps_signature, args, nargs, kwnames, values);
    EncoderOptions options;
    options.protocol = protocol_from(values[1]);
    options.fix_imports = is_true(values[2], true);
    options.buffer_callback = buffer_callback_from(values[3], options.protocol);
    return encode_to_bytes(state, options, values[0]);
  });
}

PyObject* dump(PyObject* module, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  return guard([&]() -> PyObject* {
    State& state = state_of_module(module);
    std::array<PyObject*, 5> values{};
    parse_arguments(dump_signature, args, nargs, kwnames, values);
    EncoderOptions options;
    options.protocol = protocol_from(values[2]);
    options.fix_imports = is_true(values[3], true);
    options.buffer_callback = buffer_callback_from(values[4], options.protocol);
    Ref write = write_method(state, values[1]);
    EncoderCache& cache = *state.encoder_cache;
    BorrowedMemo memo(cache);
    Output out(cache.scratch, write);
    // What a file has been given can't be taken back, so there is no starting over.
    Encoder encoder(state, options, memo.table(), out, false);
    encoder.encode(values[0]);
    out.finish_file();
    Py_RETURN_NONE;
  });
}

PyObject* pickler_new(PyTypeObject* type, PyObject*, PyObject*) {
  return guard([&] {
    Ref self = Ref::checked(type->tp_alloc(type, 0));
    auto& fields = pickler(self);
    new (&fields.memo) MemoTable();
    for (Ref* ref : {&fields.write, &fields.buffer_callback, &fields.persistent_id, &fields.dispatch_table}) {
      new (ref) Ref();
    }
    return self;
  });
}

int pickler_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  return guard_status([&] {
    State& state = state_of(Py_TYPE(self));
    std::array<PyObject*, 4> values{};
    parse_arguments(init_signature, args, kwargs, values);
    const int protocol = protocol_from(values[1]);
    Ref callback = Ref::borrow(buffer_callback_from(values[3], protocol));
    const bool fix_imports = is_true(values[2], true);
    Ref write = write_method(state, values[0]);
    auto& fields = pickler(self);
    fields.memo.clear();
    fields.write = std::move(write);
    fields.buffer_callback = std::move(callback);
    fields.protocol = protocol;
    fields.binary = protocol > 0;
    fields.fast = 0;
    fields.fix_imports = fix_imports && protocol < 3;
  });
}

int pickler_traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  auto& fields = pickler(self);
  for (const Ref* ref : {&fields.write, &fields.buffer_callback, &fields.persistent_id, &fields.dispatch_table}) {
    if (int status = ref->visit(visit, arg); status != 0) return status;
  }
  return fields.memo.traverse(visit, arg);
}

int pickler_clear(PyObject* self) {
  auto& fields = pickler(self);
  for (Ref* ref : {&fields.write, &fields.buffer_callback, &fields.persistent_id, &fields.dispatch_table}) {
    ref->reset();
  }
  fields.memo.clear();
  return 0;
}

void pickler_dealloc(PyObject* self) {
  PyObject_GC_UnTrack(self);
  pickler_clear(self);
  pickler(self).memo.~MemoTable();
  PyTypeObject* type = Py_TYPE(self);
  type->tp_free(self);
  Ref::steal(reinterpret_cast<PyObject*>(type));  // instances of heap types own their type
}

// The hook in force: one set on the instance, or a method of a subclass.
Ref persistent_id_of(State& state, PyObject* self) {
  if (pickler(self).persistent_id) return pickler(self).persistent_id;
  auto* base = reinterpret_cast<PyTypeObject*>(state.pickler_type.get());
  if (Py_TYPE(self) == base) return {};
  Ref hook = lookup_attribute(self, state.names.persistent_id);
  // Without an override this is the method of Pickler itself, which answers None for everything.
  if (hook && PyCFunction_Check(hook.get()) && PyCFunction_GET_SELF(hook.get()) == self) return {};
  return hook;
}

PyObject* pickler_dump(PyObject* self, PyObject* object) {
  return guard([&]() -> PyObject* {
    State& state = state_of(Py_TYPE(self));
    auto& fields = pickler(self);
    if (!fields.write) {
      raise(state.pickling_error, "Pickler.__init__() was not called by %s.__init__()", Py_TYPE(self)->tp_name);
    }
    Ref hold = Ref::borrow(self);
    Ref write = fields.write;
    Ref callback = fields.buffer_callback;
    Ref persistent_id = persistent_id_of(state, self);
    Ref reducer_override = lookup_attribute(self, state.names.reducer_override);
    Ref dispatch_table = lookup_attribute(self, state.names.dispatch_table);
    EncoderOptions options;
    options.protocol = fields.protocol;
    options.fix_imports = fields.fix_imports;
    options.fast = fields.fast != 0;
    options.persistent_id = persistent_id;
    options.reducer_override = reducer_override;
    options.dispatch_table = dispatch_table;
    options.buffer_callback = callback;
    Output out(state.encoder_cache->scratch, write);
    // The memo outlives this call: what is left out of it now might be met in the next one.
    Encoder encoder(state, options, fields.memo, out, false);
    encoder.encode(object);
    out.finish_file();
    Py_RETURN_NONE;
  });
}

PyObject* pickler_clear_memo(PyObject* self, PyObject*) {
  pickler(self).memo.clear();
  Py_RETURN_NONE;
}

PyObject* pickler_sizeof(PyObject* self, PyObject*) {
  return PyLong_FromSize_t(static_cast<std::size_t>(Py_TYPE(self)->tp_basicsize) +
                           pickler(self).memo.allocated_bytes());
}

#if PY_VERSION_HEX >= 0x030D0000
PyObject* pickler_persistent_id(PyObject*, PyObject*) { Py_RETURN_NONE; }
#endif

bool is_persistent_id(PyObject* name) {
  return PyUnicode_Check(name) && PyUnicode_CompareWithASCIIString(name, "persistent_id") == 0;
}

PyObject* pickler_getattro(PyObject* self, PyObject* name) {
  auto& attribute = pickler(self).persistent_id;
  if (attribute && is_persistent_id(name)) return attribute.new_reference();
  return PyObject_GenericGetAttr(self, name);
}

int pickler_setattro(PyObject* self, PyObject* name, PyObject* value) {
  if (!is_persistent_id(name)) return PyObject_GenericSetAttr(self, name, value);
  return guard_status([&] {
    auto& attribute = pickler(self).persistent_id;
    if (value == nullptr && !attribute) raise(PyExc_AttributeError, "persistent_id");
    if (value != nullptr && PyCallable_Check(value) == 0) {
      raise(PyExc_TypeError, "persistent_id must be a callable taking one argument");
    }
    attribute = Ref::borrow(value);
  });
}

PyObject* pickler_get_memo(PyObject* self, void*) {
  return guard([&] { return new_pickler_memo(state_of(Py_TYPE(self)), self, pickler(self).memo); });
}

int pickler_set_memo(PyObject* self, PyObject* value, void*) {
  return guard_status([&] {
    if (value == nullptr) raise(PyExc_TypeError, "attribute deletion is not supported");
    MemoTable memo;
    fill_memo(state_of(Py_TYPE(self)), value, memo);
    std::swap(pickler(self).memo, memo);
  });
}

PyObject* pickler_get_dispatch_table(PyObject* self, void*) {
  auto& table = pickler(self).dispatch_table;
  if (table) return table.new_reference();
  PyErr_SetString(PyExc_AttributeError, "dispatch_table");
  return nullptr;
}

int pickler_set_dispatch_table(PyObject* self, PyObject* value, void*) {
  return guard_status([&] {
    auto& table = pickler(self).dispatch_table;
    if (value == nullptr && !table) raise(PyExc_AttributeError, "dispatch_table");
    table = Ref::borrow(value);
  });
}

PyDoc_STRVAR(pickler_doc,
             "Pickler(file, protocol=None, fix_imports=True, buffer_callback=None)\n--\n\n"
             "Writes pickles to a binary file; pickle.Pickler's drop-in.\n\n"
             "`file` needs a write() method that takes bytes. `protocol` is 0 to 5, negative for the highest; the\n"
             "default is 4. With `fix_imports` and a protocol below 3, names are written as Python 2 knew them.\n"
             "`buffer_callback`, which needs protocol 5, is called with each PickleBuffer and returns a false value\n"
             "for those that are to travel out of band.");
PyDoc_STRVAR(pickler_dump_doc, "dump($self, obj, /)\n--\n\nWrite a pickle of the object to the open file.");
PyDoc_STRVAR(pickler_clear_memo_doc,
             "clear_memo($self, /)\n--\n\n"
             "Forget which objects have been pickled, so that the next dump() writes all of them again.");

PyMethodDef pickler_methods[] = {
    {"dump", pickler_dump, METH_O, pickler_dump_doc},
    {"clear_memo", pickler_clear_memo, METH_NOARGS, pickler_clear_memo_doc},
    {"__sizeof__", pickler_sizeof, METH_NOARGS, "__sizeof__($self, /)\n--\n\nReturns size in memory, in bytes."},
#if PY_VERSION_HEX >= 0x030D0000
    {"persistent_id", pickler_persistent_id, METH_O,
     "persistent_id($self, obj, /)\n--\n\nThe id to write in place of the object; None writes the object."},
#endif
    {nullptr, nullptr, 0, nullptr},
};

PyMemberDef pickler_members[] = {
    {"bin", T_INT, offsetof(PicklerObject, binary), 0, nullptr},
    {"fast", T_INT, offsetof(PicklerObject, fast), 0, nullptr},
    {nullptr, 0, 0, 0, nullptr},
};

PyGetSetDef pickler_getset[] = {
    {"memo", pickler_get_memo, pickler_set_memo, nullptr, nullptr},
    {"dispatch_table", pickler_get_dispatch_table, pickler_set_dispatch_table, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot pickler_slots[] = {
    {Py_tp_doc, const_cast<char*>(pickler_doc)},
    {Py_tp_new, reinterpret_cast<void*>(pickler_new)},
    {Py_tp_init, reinterpret_cast<void*>(pickler_init)},
    {Py_tp_dealloc, reinterpret_cast<void*>(pickler_dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(pickler_traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(pickler_clear)},
    {Py_tp_getattro, reinterpret_cast<void*>(pickler_getattro)},
    {Py_tp_setattro, reinterpret_cast<void*>(pickler_setattro)},
    {Py_tp_methods, pickler_methods},
    {Py_tp_members, pickler_members},
    {Py_tp_getset, pickler_getset},
    {0, nullptr},
};

PyType_Spec pickler_spec = {
    .name = "brinery.pickle.Pickler",
    .basicsize = sizeof(PicklerObject),
    .itemsize = 0,
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = pickler_slots,
};

PyDoc_STRVAR(dumps_doc,
             "dumps($module, /, obj, protocol=None, *, fix_imports=True, buffer_callback=None)\n--\n\n"
             "Return the pickle of the object as bytes; pickle.dumps's drop-in. See Pickler for the arguments.");
PyDoc_STRVAR(dump_doc,
             "dump($module, /, obj, file, protocol=None, *, fix_imports=True, buffer_callback=None)\n--\n\n"
             "Write a pickle of the object to the open binary file; pickle.dump's drop-in. See Pickler for the "
             "arguments.");

PyMethodDef functions[] = {
    {"dumps", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(dumps)), METH_FASTCALL | METH_KEYWORDS,
     dumps_doc},
    {"dump", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(dump)), METH_FASTCALL | METH_KEYWORDS,
     dump_doc},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

void add_pickler(PyObject* module, State& state) {
  state.encoder_cache = {new EncoderCache(), [](EncoderCache* cache) { delete cache; }};
  state.pickler_memo_type = make_pickler_memo_type(module);
  state.pickler_type = Ref::checked(PyType_FromModuleAndSpec(module, &pickler_spec, nullptr));
  check_status(PyModule_AddType(module, reinterpret_cast<PyTypeObject*>(state.pickler_type.get())));
  check_status(PyModule_AddFunctions(module, functions));
}

}  // namespace brinery
