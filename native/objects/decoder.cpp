#include "objects/decoder.hpp"

#include <algorithm>

namespace brinery {

namespace {

constinit PyObject unmade_marker{};
constexpr std::size_t kept_stack = 4096;  // values of stack memory kept between calls

}  // namespace

// Only its address is ever looked at.
PyObject* Decoder::unmade_dict() { return &unmade_marker; }

Decoder::Decoder(State& state, const DecoderOptions& options, DecodeMemo& memo, wire::Reader& in, FileSource* source,
                 const wire::Scan* fetched)
    : state_(state),
      cache_(*state.decoder_cache),
      options_(options),
      memo_(memo),
      in_(in),
      source_(source),
      fetched_(fetched),
      begin_(in.cursor) {
  if (!cache_.stack_lent) {
    cache_.stack_lent = borrowed_memory_ = true;
    memory_.swap(cache_.stack);
  }
  if (memory_.size() < kept_stack / 16) memory_.resize(kept_stack / 16);
  stack_ = top_ = memory_.data();
  stack_end_ = stack_ + memory_.size();
}

Decoder::~Decoder() {
  pause_.resume();
  drop_to(0);
  pause_.pause();
  if (borrowed_memory_) {
    if (memory_.size() <= kept_stack) memory_.swap(cache_.stack);
    cache_.stack_lent = false;
  }
}

void Decoder::grow_stack() {
  const std::size_t used = depth();
  memory_.resize(memory_.size() + memory_.size() / 2);
  stack_ = memory_.data();
  top_ = stack_ + used;
  stack_end_ = stack_ + memory_.size();
}

void Decoder::drop_to(std::size_t depth_wanted) {
  while (depth() > depth_wanted) {
    PyObject* value = *--top_;
    if (value != unmade_dict()) Ref::steal(value);
  }
}

void Decoder::push_mark() {
  const bool keys = depth() > fence_ && peek() == unmade_dict();
  marks_.push_back({fence_, keys_above_});
  fence_ = depth();
  keys_above_ = keys;
}

std::size_t Decoder::pop_mark_keeping_unmade() {
  if (marks_.empty()) [[unlikely]]
    fail("could not find MARK");
  const std::size_t from = fence_;
  fence_ = marks_.back().position;
  keys_above_ = marks_.back().keys;
  marks_.pop_back();
  return from;
}

std::size_t Decoder::pop_mark() {
  const std::size_t from = pop_mark_keeping_unmade();
  if (from > 0) make_dict_at(from - 1);
  return from;
}

void Decoder::make_dict_at(std::size_t position) {
  if (stack_[position] == unmade_dict()) stack_[position] = Ref::checked(PyDict_New()).release();
}

Ref Decoder::pop_tuple(std::size_t from) {
  const std::size_t count = depth() - from;
  Ref tuple = Ref::checked(PyTuple_New(static_cast<Py_ssize_t>(count)));
  for (std::size_t i = 0; i < count; ++i) PyTuple_SET_ITEM(tuple.get(), static_cast<Py_ssize_t>(i), stack_[from + i]);
  top_ = stack_ + from;
  return tuple;
}

Ref Decoder::pop_list(std::size_t from) {
  const std::size_t count = depth() - from;
  Ref list = Ref::checked(PyList_New(static_cast<Py_ssize_t>(count)));
  for (std::size_t i = 0; i < count; ++i) PyList_SET_ITEM(list.get(), static_cast<Py_ssize_t>(i), stack_[from + i]);
  top_ = stack_ + from;
  return list;
}

Ref Decoder::decode() {
  try {
    Ref result = run();
    if (source_ != nullptr) {
      ForeignCode foreign(*this);
      source_->settle(in_);
    }
    return result;
  } catch (const PythonError&) {
    note_place();
    throw;
  }
}

inline void Decoder::get(std::size_t index) {
  PyObject* object = memo_.get(index);
  if (object == nullptr) [[unlikely]] {
    PyErr_Format(state_.unpickling_error, "Memo value not found at index %zu (at offset %zu, opcode %s)", index,
                 offset(), wire::opcodes[code_].name.data());
    throw_python_error();
  }
  push(Ref::borrow(object));
}

inline void Decoder::put(std::size_t index) {
  require(1);
  if (fetched_ != nullptr && !fetched_->fetched[index]) return memo_.append_unused();
  memo_.put(index, peek());
}

inline void Decoder::memoize() {
  require(1);
  if (fetched_ != nullptr && !fetched_->fetched[memo_.size()]) return memo_.append_unused();
  memo_.append(peek());
}

inline void Decoder::load_empty_dict() {
  if (in_.has(2)) {
    if (in_.cursor[0] == op::MARK) return push(Ref::steal(unmade_dict()));
    // a stock state dict: memoised, never fetched
    std::size_t size = 0;
    std::size_t index = memo_.size();
    if (in_.cursor[0] == op::MEMOIZE) {
      size = 1;
    } else if (in_.cursor[0] == op::BINPUT) {
      size = 2;
      index = in_.cursor[1];
    } else if (in_.cursor[0] == op::LONG_BINPUT && in_.has(5)) {
      size = 5;
      index = wire::load_little<std::uint32_t>(in_.cursor + 1);
    }
    if (size != 0 && fetched_ != nullptr && in_.has(size + 1) && in_.cursor[size] == op::MARK &&
        index == memo_.size() && !fetched_->fetched[index]) {
      memo_.append_unused();
      in_.cursor += size;
      return push(Ref::steal(unmade_dict()));
    }
  }
  push(Ref::checked(PyDict_New()));
}

// The arms that hold references across calls live in functions of their own, or every other arm pays for their
// clean-up.
Ref Decoder::run() {
  using wire::load_little;
  for (;;) {
    if (in_.cursor == in_.end && next_opcode_missing()) fail(PyExc_EOFError, "Ran out of input");
    opcode_ = in_.cursor;
    refilled_ = false;
    const std::uint8_t code = code_ = *in_.cursor++;
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
      case op::TUPLE: push(pop_tuple(pop_mark())); break;
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
        load_setitems(depth() - 2, false);
        break;
      case op::SETITEMS: {
        const std::size_t from = pop_mark_keeping_unmade();
        load_setitems(from, from > 0 && stack_[from - 1] == unmade_dict());
        break;
      }
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
      case op::STOP: return pop();
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
}

}  // namespace brinery
