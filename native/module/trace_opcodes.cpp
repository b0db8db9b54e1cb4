// The opcodes of a stream one by one, as a listing.
#include "module/boundary.hpp"
#include "module/checking.hpp"
#include "wire/argument.hpp"
#include "wire/opcodes.hpp"

namespace brinery {

namespace {

constexpr std::size_t most_shown = 80;  // bytes of an argument

struct OpcodesObject {
  PyObject_HEAD PyObject* data;
  BytesView* view;
  std::size_t offset;
  bool done;
};

OpcodesObject& fields_of(PyObject* self) { return *reinterpret_cast<OpcodesObject*>(self); }

Ref shown(std::string_view bytes, const char* errors) {
  const std::string_view front = bytes.substr(0, most_shown);
  Ref text = Ref::checked(PyUnicode_Decode(front.data(), static_cast<Py_ssize_t>(front.size()), "utf-8", errors));
  if (front.size() == bytes.size()) return text;
  return Ref::checked(PyUnicode_FromFormat("%U... (%zd bytes)", text.get(), static_cast<Py_ssize_t>(bytes.size())));
}

// An argument of 1 to 8 bytes.
Ref number_text(std::string_view argument, bool is_signed) {
  Ref number = Ref::checked(_PyLong_FromByteArray(reinterpret_cast<const unsigned char*>(argument.data()),
                                                  argument.size(), 1, is_signed ? 1 : 0));
  return Ref::checked(PyObject_Str(number));
}

Ref counted_text(std::uint8_t code, std::string_view argument) {
  constexpr std::size_t most_digits_shown = 16;  // bytes of an int
  switch (code) {
    case wire::op::LONG1:
    case wire::op::LONG4:
      if (argument.size() <= most_digits_shown) return number_text(argument, true);
      break;
    case wire::op::SHORT_BINUNICODE:
    case wire::op::BINUNICODE:
    case wire::op::BINUNICODE8: {
      Ref text = shown(argument, "backslashreplace");
      return Ref::checked(PyObject_Repr(text));
    }
    default: break;
  }
  const std::string_view front = argument.substr(0, most_shown);
  Ref bytes = Ref::checked(PyBytes_FromStringAndSize(front.data(), static_cast<Py_ssize_t>(front.size())));
  if (front.size() == argument.size()) return Ref::checked(PyObject_Repr(bytes));
  return Ref::checked(PyUnicode_FromFormat("%R... (%zd bytes)", bytes.get(), static_cast<Py_ssize_t>(argument.size())));
}

Ref argument_text(const std::uint8_t* opcode, const std::uint8_t* end) {
  const std::string_view argument = wire::argument_of(opcode, end);
  switch (wire::opcodes[*opcode].argument) {
    case wire::Argument::none: return Ref::borrow(Py_None);
    case wire::Argument::u1:
    case wire::Argument::u2:
    case wire::Argument::u4:
    case wire::Argument::u8: return number_text(argument, false);
    case wire::Argument::i4: return number_text(argument, true);
    case wire::Argument::f8:
      return Ref::checked(PyObject_Repr(Ref::checked(PyFloat_FromDouble(wire::load_big_double(opcode + 1)))));
    case wire::Argument::line: return shown(argument, "backslashreplace");
    case wire::Argument::two_lines: {
      Ref module = shown(argument, "backslashreplace");
      Ref name = shown(wire::second_line_of(opcode, end), "backslashreplace");
      return Ref::checked(PyUnicode_FromFormat("%U %U", module.get(), name.get()));
    }
    default: return counted_text(*opcode, argument);
  }
}

PyObject* next_opcode(PyObject* self) {
  return guard([&] {
    OpcodesObject& fields = fields_of(self);
    const std::uint8_t* opcode = fields.view->begin() + fields.offset;
    const std::size_t size = fields.done ? 0 : wire::opcode_size(opcode, fields.view->end());
    if (size == 0) return Ref();
    Ref offset = int_object(fields.offset);
    fields.offset += size;
    fields.done = *opcode == wire::op::STOP;
    return tuple_of(offset, text_object(wire::opcodes[*opcode].name), argument_text(opcode, fields.view->end()));
  });
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(fields_of(self).data);
  return 0;
}

void deallocate(PyObject* self) {
  PyObject_GC_UnTrack(self);
  OpcodesObject& fields = fields_of(self);
  delete fields.view;
  Ref::steal(fields.data);
  PyTypeObject* type = Py_TYPE(self);
  type->tp_free(self);
  Ref::steal(reinterpret_cast<PyObject*>(type));
}

PyType_Slot slots[] = {
    {Py_tp_dealloc, reinterpret_cast<void*>(deallocate)},
    {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
    {Py_tp_iter, reinterpret_cast<void*>(PyObject_SelfIter)},
    {Py_tp_iternext, reinterpret_cast<void*>(next_opcode)},
    {0, nullptr},
};

PyType_Spec spec = {
    .name = "brinery.codec.Opcodes",
    .basicsize = sizeof(OpcodesObject),
    .itemsize = 0,
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = slots,
};

}  // namespace

Ref make_opcodes_type(PyObject* module) { return Ref::checked(PyType_FromModuleAndSpec(module, &spec, nullptr)); }

Ref new_opcodes(State& state, PyObject* data, std::size_t offset) {
  auto* type = reinterpret_cast<PyTypeObject*>(state.opcodes_type.get());
  Ref self = Ref::checked(type->tp_alloc(type, 0));
  OpcodesObject& fields = fields_of(self);
  fields.data = Py_NewRef(data);
  fields.view = new BytesView(data);
  fields.offset = offset;
  return self;
}

}  // namespace brinery
