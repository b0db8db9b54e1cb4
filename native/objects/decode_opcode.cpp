// Any opcode, one at a time: refills the input, grows the stack, and fails where the stream is wrong.
#include "objects/decoder.hpp"

namespace brinery {

void Decoder::get(std::size_t index) {
  PyObject* object = memo_.get(index);
  if (object == nullptr) [[unlikely]] {
    need_more_than_plain();
    char message[64];
    PyOS_snprintf(message, sizeof message, "Memo value not found at index %zu", index);
    fail(message);
  }
  push(Ref::borrow(object));
}

void Decoder::put(std::size_t index) {
  require(1);
  if (fetched_ == nullptr) return memo_.put(index, peek());
  if (fetched_->is_fetched(next_index_)) memo_.set(next_index_, peek());
  ++next_index_;
}

void Decoder::memoize() { put(memo_.size()); }  // the index is ignored where the entries are known in advance

// The reader is at the opcode; it is behind it, and its argument, afterwards.
void Decoder::load_opcode() {
  opcode_ = in_.cursor;
  const std::uint8_t code = *in_.cursor++;
  switch (code) {
    case op::NONE: push(Ref::borrow(Py_None)); break;
    case op::NEWTRUE: push(Ref::borrow(Py_True)); break;
    case op::NEWFALSE: push(Ref::borrow(Py_False)); break;
    case op::BININT:
      need(4);
      push(Ref::checked(PyLong_FromLong(in_.take<std::int32_t>())));
      break;
    case op::BININT1:
      need(1);
      push(Ref::checked(PyLong_FromLong(in_.take<std::uint8_t>())));
      break;
    case op::BININT2:
      need(2);
      push(Ref::checked(PyLong_FromLong(in_.take<std::uint16_t>())));
      break;
    case op::BINFLOAT:
      need(8);
      push(Ref::checked(PyFloat_FromDouble(wire::load_big_double(in_.cursor))));
      in_.cursor += 8;
      break;
    case op::INT: load_int_line(); break;
    case op::LONG: load_long_line(); break;
    case op::LONG1:
      need(1);
      load_counted_long(in_.take<std::uint8_t>());
      break;
    case op::LONG4: {
      need(4);
      const auto size = in_.take<std::int32_t>();
      if (size < 0) fail("LONG pickle has negative byte count");
      load_counted_long(static_cast<std::size_t>(size));
      break;
    }
    case op::FLOAT: load_float_line(); break;
    case op::STRING: load_string_line(); break;
    case op::SHORT_BINSTRING:
      need(1);
      load_counted_string(in_.take<std::uint8_t>());
      break;
    case op::BINSTRING: {
      need(4);
      const auto size = in_.take<std::int32_t>();
      if (size < 0) fail("BINSTRING pickle has negative byte count");
      load_counted_string(static_cast<std::size_t>(size));
      break;
    }
    case op::UNICODE: load_unicode_line(); break;
    case op::SHORT_BINUNICODE:
      need(1);
      load_short_text(in_.take<std::uint8_t>());
      break;
    case op::BINUNICODE:
      need(4);
      load_text(in_.take<std::uint32_t>());
      break;
    case op::BINUNICODE8:
      need(8);
      load_text(in_.take<std::uint64_t>());
      break;
    case op::SHORT_BINBYTES:
      need(1);
      load_bytes(in_.take<std::uint8_t>());
      break;
    case op::BINBYTES:
      need(4);
      load_bytes(in_.take<std::uint32_t>());
      break;
    case op::BINBYTES8:
      need(8);
      load_bytes(in_.take<std::uint64_t>());
      break;
    case op::BYTEARRAY8:
      need(8);
      load_bytearray(in_.take<std::uint64_t>());
      break;
    case op::NEXT_BUFFER: load_next_buffer(); break;
    case op::READONLY_BUFFER: load_readonly_buffer(); break;

    case op::MEMOIZE: memoize(); break;
    case op::BINPUT:
      need(1);
      put(in_.take<std::uint8_t>());
      break;
    case op::LONG_BINPUT:
      need(4);
      put(in_.take<std::uint32_t>());
      break;
    case op::BINGET:
      need(1);
      get(in_.take<std::uint8_t>());
      break;
    case op::LONG_BINGET:
      need(4);
      get(in_.take<std::uint32_t>());
      break;
    case op::GET: load_get_line(); break;
    case op::PUT: load_put_line(); break;

    case op::MARK: push_mark(); break;
    case op::EMPTY_TUPLE: push(state_.empty_tuple); break;
    case op::TUPLE1: load_tuple(1); break;
    case op::TUPLE2: load_tuple(2); break;
    case op::TUPLE3: load_tuple(3); break;
    case op::TUPLE: load_arguments(pop_mark()); break;
    case op::EMPTY_LIST: push(Ref::checked(PyList_New(0))); break;
    case op::LIST: push(pop_list(pop_mark())); break;
    case op::APPEND:
      require(2);
      load_appends(depth() - 1);
      break;
    case op::APPENDS: load_appends(pop_mark()); break;
    case op::EMPTY_DICT: load_empty_dict(); break;
    case op::DICT: load_dict(); break;
    case op::SETITEM:
      require(3);
      load_setitems(depth() - 2);
      break;
    case op::SETITEMS: load_setitems(pop_mark_keeping_unmade()); break;
    case op::EMPTY_SET: push(Ref::checked(PySet_New(nullptr))); break;
    case op::ADDITEMS: load_additems(pop_mark()); break;
    case op::FROZENSET: {
      Ref items = pop_tuple(pop_mark());
      ForeignCode foreign(*this);
      push(Ref::checked(PyFrozenSet_New(items)));
      break;
    }
    case op::POP: load_pop(); break;
    case op::POP_MARK: drop_to(pop_mark()); break;
    case op::DUP: load_dup(); break;

    case op::GLOBAL: load_global(); break;
    case op::STACK_GLOBAL: load_stack_global(); break;
    case op::INST: load_inst(); break;
    case op::OBJ: load_obj(); break;
    case op::NEWOBJ: load_newobj(); break;
    case op::NEWOBJ_EX: load_newobj_ex(); break;
    case op::REDUCE: load_reduce(); break;
    case op::BUILD: load_build(); break;
    case op::EXT1:
      need(1);
      load_extension(in_.take<std::uint8_t>());
      break;
    case op::EXT2:
      need(2);
      load_extension(in_.take<std::uint16_t>());
      break;
    case op::EXT4:
      need(4);
      load_extension(in_.take<std::int32_t>());
      break;
    case op::PERSID: load_persistent_line(); break;
    case op::BINPERSID: load_persistent(); break;

    case op::PROTO:
      need(1);
      protocol_ = in_.take<std::uint8_t>();
      if (protocol_ > wire::highest_protocol) {
        PyErr_Format(PyExc_ValueError, "unsupported pickle protocol: %d", protocol_);
        throw_python_error();
      }
      if (reported_protocol_ != nullptr) *reported_protocol_ = protocol_;
      break;
    case op::FRAME: {
      need(8);
      const auto size = in_.take<std::uint64_t>();
      check_size(size, "FRAME length");
      need(static_cast<std::size_t>(size));
      break;
    }
    default: {
      char message[64];
      PyOS_snprintf(message, sizeof message,
                    code >= 0x20 && code < 0x7f && code != '\'' && code != '\\' ? "invalid load key, '%c'."
                                                                                : "invalid load key, '\\x%02x'.",
                    code);
      fail(message);
    }
  }
}

}  // namespace brinery
