// TraceNode: one value of a traced stream.
#include "check/numeral.hpp"
#include "check/text.hpp"
#include "module/boundary.hpp"
#include "module/checking.hpp"
#include "wire/opcodes.hpp"

namespace brinery {

namespace {

using checker::Kind;
using checker::Role;
using checker::Value;

struct NodeObject {
  PyObject_HEAD PyObject* trace;
  Value value;
};

const NodeObject& node_fields(PyObject* self) { return *reinterpret_cast<NodeObject*>(self); }
const checker::Machine& machine_of(PyObject* self) { return *trace_fields(node_fields(self).trace).machine; }
Value value_of(PyObject* self) { return node_fields(self).value; }

const char* kind_name(Kind kind) {
  switch (kind) {
    case Kind::none: return "none";
    case Kind::boolean: return "bool";
    case Kind::integer:
    case Kind::big_integer: return "int";
    case Kind::number: return "float";
    case Kind::text: return "str";
    case Kind::bytes: return "bytes";
    case Kind::bytearray: return "bytearray";
    case Kind::global: return "global";
    case Kind::tuple: return "tuple";
    case Kind::list: return "list";
    case Kind::dict: return "dict";
    case Kind::set: return "set";
    case Kind::frozenset: return "frozenset";
    case Kind::buffer: return "buffer";
    case Kind::call: return "call";
    case Kind::instance: return "new";
    case Kind::object: return "object";
    case Kind::persistent: return "persistent";
    case Kind::extension: return "extension";
  }
  return "?";
}

// An int that is wide, or written as text; a wide one is never converted from decimal, which may cost its square.
Ref integer_value(const checker::Literals& literals, Value value) {
  if (value.is(Kind::integer)) return Ref::checked(PyLong_FromLongLong(literals.integer(value)));
  const std::string_view bytes = literals.argument(value);
  const std::uint8_t code = *literals.at(value);
  if (code == wire::op::LONG1 || code == wire::op::LONG4) {
    return Ref::checked(
        _PyLong_FromByteArray(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), 1, 1));
  }
  std::string text(bytes);
  if (code == wire::op::LONG && text.back() == 'L') text.pop_back();
  Ref number = Ref::steal(PyLong_FromString(text.c_str(), nullptr, 0));
  if (number) return number;
  if (!clear_if(PyExc_ValueError)) throw_python_error();
  return text_object(text);
}

Ref number_value(const checker::Literals& literals, Value value) {
  const std::uint8_t* opcode = literals.at(value);
  if (*opcode == wire::op::BINFLOAT) return Ref::checked(PyFloat_FromDouble(wire::load_big_double(opcode + 1)));
  const double number = PyOS_string_to_double(std::string(literals.argument(value)).c_str(), nullptr, nullptr);
  if (number == -1.0 && PyErr_Occurred() != nullptr) throw_python_error();
  return Ref::checked(PyFloat_FromDouble(number));
}

// Text; what Python 2 wrote in no known encoding with escapes for what is not ASCII.
Ref text_value(const checker::Literals& literals, Value value) {
  std::string scratch;
  const std::string_view text = literals.text(value, scratch);
  switch (*literals.at(value)) {
    case wire::op::STRING:
    case wire::op::BINSTRING:
    case wire::op::SHORT_BINSTRING:
      return Ref::checked(PyUnicode_DecodeASCII(text.data(), static_cast<Py_ssize_t>(text.size()), "backslashreplace"));
    default: return text_object(text);
  }
}

Ref place_value(const checker::Machine& machine, Value value) {
  const std::string_view bytes = machine.literals().bytes(value);
  const auto* at = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return tuple_of(int_object(static_cast<std::uint64_t>(at - machine.literals().begin())), int_object(bytes.size()));
}

Ref extension_value(const std::uint8_t* opcode) {
  switch (*opcode) {
    case wire::op::EXT1: return int_object(opcode[1]);
    case wire::op::EXT2: return int_object(wire::load_little<std::uint16_t>(opcode + 1));
    default: return int_object(wire::load_little<std::uint32_t>(opcode + 1));
  }
}

// What nodes have for a value, by where their opcode is.
Ref node_value(const checker::Machine& machine, Value value) {
  const checker::Node& node = machine.graph.node(value);
  const std::uint8_t* opcode = machine.literals().begin() + node.offset;
  if (value.is(Kind::extension)) return extension_value(opcode);
  if (value.is(Kind::buffer) && node.count == 0) return int_object(node.first);
  if (value.is(Kind::persistent) && *opcode == wire::op::PERSID) {
    const std::string_view line = wire::argument_of(opcode, machine.literals().end());
    return Ref::checked(PyUnicode_DecodeASCII(line.data(), static_cast<Py_ssize_t>(line.size()), "backslashreplace"));
  }
  return Ref::borrow(Py_None);
}

Ref python_value(const checker::Machine& machine, Value value) {
  const checker::Literals& literals = machine.literals();
  switch (value.kind()) {
    case Kind::none: return Ref::borrow(Py_None);
    case Kind::boolean: return Ref::borrow(literals.integer(value) == 1 ? Py_True : Py_False);
    case Kind::integer:
    case Kind::big_integer: return integer_value(literals, value);
    case Kind::number: return number_value(literals, value);
    case Kind::text: return text_value(literals, value);
    case Kind::bytes:
    case Kind::bytearray: return place_value(machine, value);
    case Kind::global: {
      const checker::Global& global = machine.graph.globals[value.payload()];
      return tuple_of(text_object(global.module), text_object(global.name));
    }
    default: return node_value(machine, value);
  }
}

// Indices of what is in the node in that role; of what is called, the callee and the like are no items.
Ref indices(PyObject* self, Role wanted) {
  const Value value = value_of(self);
  Ref list = Ref::checked(PyList_New(0));
  if (!value.is_node() || (wanted == Role::items && value.is_any(checker::made_kinds))) return list;
  const checker::Graph& graph = machine_of(self).graph;
  graph.for_each_run(graph.node(value), [&](Role role, checker::Index first, checker::Index count) {
    for (checker::Index i = 0; role == wanted && i < count; ++i) {
      check_status(PyList_Append(list, int_object(graph.items[first + i].word())));
    }
  });
  return list;
}

template <Role role>
PyObject* get_indices(PyObject* self, void*) {
  return guard([&] { return indices(self, role); });
}

// The callee, arguments or keywords of what is called; None for other nodes.
template <std::size_t place>
PyObject* get_part(PyObject* self, void*) {
  return guard([&] {
    const Value value = value_of(self);
    if (!value.is_any(checker::made_kinds)) return Ref::borrow(Py_None);
    const checker::Graph& graph = machine_of(self).graph;
    const checker::Node& node = graph.node(value);
    return place < node.count ? int_object(graph.items[node.first + place].word()) : Ref::borrow(Py_None);
  });
}

PyObject* get_kind(PyObject* self, void*) { return PyUnicode_FromString(kind_name(value_of(self).kind())); }

PyObject* get_value(PyObject* self, void*) {
  return guard([&] { return python_value(machine_of(self), value_of(self)); });
}

PyObject* get_offset(PyObject* self, void*) {
  return guard([&] {
    const Value value = value_of(self);
    const checker::Graph& graph = machine_of(self).graph;
    return int_object(value.is_node()          ? graph.node(value).offset
                      : value.is(Kind::global) ? graph.globals[value.payload()].offset
                                               : value.payload());
  });
}

PyObject* represent(PyObject* self) {
  return guard([&] {
    Ref value = python_value(machine_of(self), value_of(self));
    return Ref::checked(PyUnicode_FromFormat("<TraceNode %s %R>", kind_name(value_of(self).kind()), value.get()));
  });
}

int node_traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(node_fields(self).trace);
  return 0;
}

void node_dealloc(PyObject* self) {
  PyObject_GC_UnTrack(self);
  Ref::steal(node_fields(self).trace);
  PyTypeObject* type = Py_TYPE(self);
  type->tp_free(self);
  Ref::steal(reinterpret_cast<PyObject*>(type));
}

PyGetSetDef node_getset[] = {
    {"kind", get_kind, nullptr,
     "none, bool, int, float, str, bytes, bytearray, tuple, list, dict, set, frozenset, global, call (REDUCE), new "
     "(NEWOBJ), object (INST, OBJ), persistent, extension or buffer",
     nullptr},
    {"value", get_value, nullptr,
     "of scalars, the value, of bytes (offset, length) in the data, of a global (module, name), of an extension its "
     "code, of a buffer its number, of a persistent id that is text the text; else None",
     nullptr},
    {"offset", get_offset, nullptr, "of the opcode that made it", nullptr},
    {"items", get_indices<Role::items>, nullptr,
     "indices of what a container holds; of a dict, keys and values in turn", nullptr},
    {"callee", get_part<0>, nullptr, "index of what is called", nullptr},
    {"args", get_part<1>, nullptr, "index of the tuple of arguments", nullptr},
    {"kwargs", get_part<2>, nullptr, "index of the dict of keyword arguments, or None", nullptr},
    {"states", get_indices<Role::state>, nullptr, "indices of what BUILD gave it, in order", nullptr},
    {"appended", get_indices<Role::appended>, nullptr, "indices of what was appended to it", nullptr},
    {"set", get_indices<Role::assigned>, nullptr, "indices of the keys and values, in turn, that were set in it",
     nullptr},
    {"added", get_indices<Role::added>, nullptr, "indices of what was added to it", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot node_slots[] = {
    {Py_tp_doc, const_cast<char*>("One value of a traced pickle; what it holds is named by indices of the Trace.")},
    {Py_tp_dealloc, reinterpret_cast<void*>(node_dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(node_traverse)},
    {Py_tp_getset, node_getset},
    {Py_tp_repr, reinterpret_cast<void*>(represent)},
    {0, nullptr},
};

PyType_Spec node_spec = {
    .name = "brinery.codec.TraceNode",
    .basicsize = sizeof(NodeObject),
    .itemsize = 0,
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = node_slots,
};

}  // namespace

Ref make_trace_node_type(PyObject* module) {
  return Ref::checked(PyType_FromModuleAndSpec(module, &node_spec, nullptr));
}

Ref new_trace_node(State& state, PyObject* trace, std::uint64_t index) {
  const checker::Machine& machine = *trace_fields(trace).machine;
  if (!machine.has_made(Value::from_word(index))) {
    PyErr_SetString(PyExc_IndexError, "the trace has no such index");
    throw_python_error();
  }
  auto* type = reinterpret_cast<PyTypeObject*>(state.trace_node_type.get());
  Ref self = Ref::checked(type->tp_alloc(type, 0));
  auto* fields = reinterpret_cast<NodeObject*>(self.get());
  fields->trace = Py_NewRef(trace);
  fields->value = Value::from_word(index);
  return self;
}

}  // namespace brinery
