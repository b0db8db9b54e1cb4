// trace(): a stream as a graph to look at.
#include "check/survey.hpp"
#include "module/arguments.hpp"
#include "module/boundary.hpp"
#include "module/checking.hpp"
#include "module/parts.hpp"

namespace brinery {

namespace {

constexpr Signature<4> trace_signature{"trace", {"data", "offset", "limits", "pause"}, 1, 1};
constexpr Signature<1> binaries_signature{"binaries", {"least"}, 1, 0};
constexpr Signature<2> calls_signature{"calls", {"globals", "most"}, 2, 2};
constexpr Signature<1> resume_signature{"resume", {"offset"}, 1, 1};

const checker::Machine& machine_of(PyObject* self) { return *trace_fields(self).machine; }

std::string name_argument(PyObject* value) {
  if (!PyUnicode_Check(value))
    raise(PyExc_TypeError, "pause must be a str or None, not %.200s", Py_TYPE(value)->tp_name);
  Py_ssize_t size = 0;
  const char* text = PyUnicode_AsUTF8AndSize(value, &size);
  if (text == nullptr) throw_python_error();
  return {text, static_cast<std::size_t>(size)};
}

Ref index_object(checker::Value value) { return int_object(value.word()); }

PyObject* trace(PyObject* module, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  return guard([&] {
    State& state = state_of_module(module);
    std::array<PyObject*, 4> values{};
    parse_arguments(trace_signature, args, nargs, kwnames, values);
    const checker::Limits limits = limits_argument(values[2]);
    auto* type = reinterpret_cast<PyTypeObject*>(state.trace_type.get());
    Ref self = Ref::checked(type->tp_alloc(type, 0));
    TraceObject& fields = trace_fields(self);
    fields.data = Py_NewRef(values[0]);
    fields.view = new BytesView(values[0]);
    const std::uint64_t offset = size_argument(values[1], "offset", 0);
    if (offset > fields.view->size()) raise(PyExc_ValueError, "offset is beyond the end of the data");
    fields.machine = new checker::Machine(fields.view->begin(), fields.view->end(), renames_of(state), limits,
                                          checker::Machine::any_buffers, offset);
    if (values[3] != nullptr && values[3] != Py_None) fields.machine->pauses_at = name_argument(values[3]);
    fields.machine->run();
    return self;
  });
}

PyObject* trace_root(PyObject* self, void*) {
  return guard([&] {
    const checker::Machine& machine = machine_of(self);
    const bool stopped = machine.failure.message == nullptr && !machine.paused;
    return stopped ? index_object(machine.root) : Ref::borrow(Py_None);
  });
}

PyObject* trace_paused(PyObject* self, void*) {
  return guard([&] {
    const checker::Machine& machine = machine_of(self);
    return machine.paused ? index_object(machine.stack().back()) : Ref::borrow(Py_None);
  });
}

PyObject* trace_resume(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  return guard([&] {
    std::array<PyObject*, 1> values{};
    parse_arguments(resume_signature, args, nargs, kwnames, values);
    const TraceObject& fields = trace_fields(self);
    const std::uint64_t offset = size_argument(values[0], "offset", 0);
    if (!fields.machine->paused) raise(PyExc_ValueError, "the trace has not paused");
    if (offset > fields.view->size()) raise(PyExc_ValueError, "offset is beyond the end of the data");
    fields.machine->jump(offset);
    fields.machine->run();
    return Ref::borrow(Py_None);
  });
}

PyObject* trace_stack(PyObject* self, void*) {
  return guard([&] {
    Ref list = Ref::checked(PyList_New(0));
    for (const checker::Value value : machine_of(self).stack()) check_status(PyList_Append(list, index_object(value)));
    return list;
  });
}

PyObject* trace_marks(PyObject* self, void*) {
  return guard([&] {
    const checker::Machine& machine = machine_of(self);
    Ref list = Ref::checked(PyList_New(0));
    for (std::size_t mark = 0; mark < machine.open_marks(); ++mark) {
      check_status(PyList_Append(list, int_object(machine.mark_position(mark))));
    }
    return list;
  });
}

PyObject* trace_dropped(PyObject* self, PyObject*) {
  return guard([&] {
    Ref list = Ref::checked(PyList_New(0));
    for (const checker::Value value : checker::dropped_of(machine_of(self))) {
      check_status(PyList_Append(list, index_object(value)));
    }
    return list;
  });
}

PyObject* trace_binaries(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  return guard([&] {
    std::array<PyObject*, 1> values{};
    parse_arguments(binaries_signature, args, nargs, kwnames, values);
    Ref list = Ref::checked(PyList_New(0));
    for (const checker::Value value : checker::binaries_of(machine_of(self), size_argument(values[0], "least", 0))) {
      check_status(PyList_Append(list, index_object(value)));
    }
    return list;
  });
}

PyObject* trace_calls(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  return guard([&] {
    std::array<PyObject*, 2> values{};
    parse_arguments(calls_signature, args, nargs, kwnames, values);
    const checker::Machine& machine = machine_of(self);
    std::vector<bool> globals(machine.graph.globals.size());
    const Ref numbers = Ref::checked(PySequence_Tuple(values[0]));
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(numbers.get()); ++i) {
      const std::uint64_t number = size_argument(PyTuple_GET_ITEM(numbers.get(), i), "globals", 0);
      if (number >= globals.size()) raise(PyExc_IndexError, "the trace has no such global");
      globals[number] = true;
    }
    Ref list = Ref::checked(PyList_New(0));
    for (const checker::Value value : checker::calls_of(machine, globals, size_argument(values[1], "most", 0))) {
      check_status(PyList_Append(list, index_object(value)));
    }
    return list;
  });
}

PyObject* trace_error(PyObject* self, void*) {
  return guard([&] {
    const checker::Failure& failure = machine_of(self).failure;
    return failure.message == nullptr ? Ref::borrow(Py_None)
                                      : tuple_of(int_object(failure.offset), text_object(failure.message));
  });
}

PyObject* trace_end(PyObject* self, void*) {
  return guard([&] { return int_object(machine_of(self).end_offset()); });
}

PyObject* trace_protocol(PyObject* self, void*) { return PyLong_FromLong(machine_of(self).protocol); }

PyObject* trace_globals(PyObject* self, void*) {
  return guard([&] {
    Ref list = Ref::checked(PyList_New(0));
    for (const checker::Global& global : machine_of(self).graph.globals) {
      check_status(PyList_Append(
          list, tuple_of(text_object(global.module), text_object(global.name), int_object(global.offset))));
    }
    return list;
  });
}

PyObject* trace_subscript(PyObject* self, PyObject* key) {
  return guard([&] { return new_trace_node(state_of(Py_TYPE(self)), self, size_argument(key, "index", 0)); });
}

PyObject* trace_opcodes(PyObject* self, PyObject*) {
  return guard([&] {
    const TraceObject& fields = trace_fields(self);
    return new_opcodes(state_of(Py_TYPE(self)), fields.data, fields.machine->start_offset());
  });
}

int trace_traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(trace_fields(self).data);
  return 0;
}

void trace_dealloc(PyObject* self) {
  PyObject_GC_UnTrack(self);
  TraceObject& fields = trace_fields(self);
  delete fields.machine;
  delete fields.view;
  Ref::steal(fields.data);
  PyTypeObject* type = Py_TYPE(self);
  type->tp_free(self);
  Ref::steal(reinterpret_cast<PyObject*>(type));
}

PyDoc_STRVAR(
    trace_doc,
    "trace($module, /, data, *, offset=0, limits=None, pause=None)\n--\n\n"
    "What a pickle would build, as a graph to look at: nothing is run, imported or made. Linear in the size\n"
    "of the data, which the Trace keeps. A broken stream gives the graph so far, and Trace.error.\n"
    "With the name of a class in `pause`, the trace pauses behind each BUILD of an instance of it: other bytes\n"
    "may stand there in the stream, over which Trace.resume() leads.");
PyDoc_STRVAR(trace_type_doc,
             "The graph of one pickle. trace[index] is the TraceNode with an index; equal indices are one object.");
PyDoc_STRVAR(opcodes_doc,
             "opcodes($self, /)\n--\n\n"
             "Iterate over (offset, name, argument as short text or None) of each opcode, up to STOP or to where the\n"
             "stream is broken.");

PyDoc_STRVAR(
    dropped_doc,
    "dropped($self, /)\n--\n\n"
    "Indices of what the pickle makes or calls and does not keep, the latest first. Linear in the size of the\n"
    "graph.");
PyDoc_STRVAR(binaries_doc,
             "binaries($self, /, least=0)\n--\n\n"
             "Indices of each bytes and bytearray of at least that many bytes that something holds, in order.");
PyDoc_STRVAR(calls_doc,
             "calls($self, /, globals, most)\n--\n\n"
             "Indices of the calls of some globals, told by their places in Trace.globals, and of what such calls\n"
             "return, whether it is kept or not; in order, at most that many. Linear in the size of the graph.");
PyDoc_STRVAR(resume_doc,
             "resume($self, /, offset)\n--\n\n"
             "Go on at an offset after a pause. Raises ValueError where the trace has not paused.");

PyGetSetDef trace_getset[] = {
    {"root", trace_root, nullptr, "index of what the pickle stands for; None where it broke off before that", nullptr},
    {"stack", trace_stack, nullptr, "indices of what is left beneath the root, or where the stream broke off", nullptr},
    {"marks", trace_marks, nullptr, "positions in the stack of the first value above each mark that is open", nullptr},
    {"paused", trace_paused, nullptr, "index of the instance behind whose BUILD the trace has paused, or None",
     nullptr},
    {"error", trace_error, nullptr, "(offset, message) where the stream is broken, or None", nullptr},
    {"end", trace_end, nullptr, "offset behind STOP or where it paused, or of the opcode that broke off", nullptr},
    {"protocol", trace_protocol, nullptr, "what the last PROTO said; 0 without one", nullptr},
    {"globals", trace_globals, nullptr, "(module, name, offset) of each distinct global, in order", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyMethodDef trace_methods[] = {
    {"binaries", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(trace_binaries)),
     METH_FASTCALL | METH_KEYWORDS, binaries_doc},
    {"calls", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(trace_calls)), METH_FASTCALL | METH_KEYWORDS,
     calls_doc},
    {"dropped", trace_dropped, METH_NOARGS, dropped_doc},
    {"opcodes", trace_opcodes, METH_NOARGS, opcodes_doc},
    {"resume", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(trace_resume)), METH_FASTCALL | METH_KEYWORDS,
     resume_doc},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot trace_slots[] = {
    {Py_tp_doc, const_cast<char*>(trace_type_doc)},
    {Py_tp_dealloc, reinterpret_cast<void*>(trace_dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(trace_traverse)},
    {Py_tp_getset, trace_getset},
    {Py_tp_methods, trace_methods},
    {Py_mp_subscript, reinterpret_cast<void*>(trace_subscript)},
    {0, nullptr},
};

PyType_Spec trace_spec = {
    .name = "brinery.codec.Trace",
    .basicsize = sizeof(TraceObject),
    .itemsize = 0,
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = trace_slots,
};

PyMethodDef functions[] = {
    {"trace", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(trace)), METH_FASTCALL | METH_KEYWORDS,
     trace_doc},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

void add_trace(PyObject* module, State& state) {
  state.trace_type = Ref::checked(PyType_FromModuleAndSpec(module, &trace_spec, nullptr));
  state.trace_node_type = make_trace_node_type(module);
  state.opcodes_type = make_opcodes_type(module);
  check_status(PyModule_AddType(module, reinterpret_cast<PyTypeObject*>(state.trace_type.get())));
  check_status(PyModule_AddType(module, reinterpret_cast<PyTypeObject*>(state.trace_node_type.get())));
  check_status(PyModule_AddFunctions(module, functions));
}

}  // namespace brinery
