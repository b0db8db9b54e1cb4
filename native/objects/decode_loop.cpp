// The loop over opcodes. What common opcodes need is kept in registers; for anything else, or where the input or the
// stack ends, an opcode is left to load_opcode().
#include "objects/decoder.hpp"
#include "objects/collector.hpp"
#include "objects/decode_text.hpp"

namespace brinery {

namespace {

// Whether a tuple with this opcode behind it is likely one of arguments.
bool is_call(std::uint8_t next) {
  return next == op::NEWOBJ || next == op::REDUCE || next == op::MEMOIZE || next == op::BINPUT ||
         next == op::LONG_BINPUT;
}

}  // namespace

Ref Decoder::run() {
  for (;;) {
    run_common();
    if (in_.cursor == in_.end && next_opcode_missing()) fail(PyExc_EOFError, "Ran out of input");
    if (*in_.cursor == op::STOP) {
      opcode_ = in_.cursor++;
      return pop();
    }
    load_opcode();
  }
}

// Returns at the first opcode that is not common, or not whole, or has no room. An arm that cannot go on leaves
// before it has changed anything; one that may throw, or that calls a member function, puts the registers back first.
void Decoder::run_common() {
  using wire::load_little;
  const std::uint8_t* cursor = in_.cursor;
  const std::uint8_t* end = in_.end;
  PyObject** top = top_;
  PyObject** limit = stack_end_;
  PyObject** floor = stack_ + fence_;
  const bool planned = fetched_ != nullptr;
  const auto leave = [&] {
    in_.cursor = cursor;
    top_ = top;
  };
  const auto member = [&](auto load) {
    opcode_ = cursor++;
    leave();
    load();
    cursor = in_.cursor;
    end = in_.end;
    top = top_;
    limit = stack_end_;
    floor = stack_ + fence_;
  };
  const auto is_key = [&] { return keys_above_ && ((top - floor) & 1) == 0 && top - floor < KeyCache::most_above; };

  while (cursor != end && top != limit) {
    const auto left = static_cast<std::size_t>(end - cursor);
    PyObject* made = nullptr;
    switch (*cursor) {
      case op::NONE:
        ++cursor;
        *top++ = Py_NewRef(Py_None);
        continue;
      case op::NEWTRUE:
        ++cursor;
        *top++ = Py_NewRef(Py_True);
        continue;
      case op::NEWFALSE:
        ++cursor;
        *top++ = Py_NewRef(Py_False);
        continue;
      case op::BININT1:
        if (left < 2) return leave();
        made = Py_NewRef(cache_.small_ints[cursor[1]]);
        cursor += 2;
        break;
      case op::BININT2:
        if (left < 3) return leave();
        made = PyLong_FromLong(load_little<std::uint16_t>(cursor + 1));
        cursor += 3;
        break;
      case op::BININT:
        if (left < 5) return leave();
        made = PyLong_FromLong(load_little<std::int32_t>(cursor + 1));
        cursor += 5;
        break;
      case op::BINFLOAT:
        if (left < 9) return leave();
        made = PyFloat_FromDouble(wire::load_big_double(cursor + 1));
        cursor += 9;
        break;
      case op::SHORT_BINUNICODE: {
        if (left < 2 || left - 2 < cursor[1]) return leave();
        const std::size_t size = cursor[1];
        opcode_ = cursor;
        top_ = top;
        made = is_key() ? cache_.keys.get(cache_.text, cursor + 2, size) : cache_.text.make(cursor + 2, size);
        cursor += 2 + size;
        break;
      }
      case op::BINUNICODE: {
        if (left < 5) return leave();
        const std::size_t size = load_little<std::uint32_t>(cursor + 1);
        if (left - 5 < size) return leave();
        opcode_ = cursor;
        top_ = top;
        made = is_key() ? cache_.keys.get(cache_.text, cursor + 5, size) : cache_.text.make(cursor + 5, size);
        cursor += 5 + size;
        break;
      }
      case op::SHORT_BINBYTES: {
        if (left < 3 || left - 2 < cursor[1]) return leave();
        const std::size_t size = cursor[1];
        made = PyBytes_FromStringAndSize(reinterpret_cast<const char*>(cursor + 2), static_cast<Py_ssize_t>(size));
        cursor += 2 + size;
        break;
      }

      case op::MEMOIZE:
        if (top == floor) return leave();
        if (planned) {
          if (fetched_->is_fetched(next_index_)) memo_.set(next_index_, top[-1]);
          ++next_index_;
        } else {
          top_ = top;
          memo_.append(top[-1]);
        }
        ++cursor;
        continue;
      case op::BINPUT:
        if (left < 2 || top == floor || !planned) return leave();
        if (fetched_->is_fetched(next_index_)) memo_.set(next_index_, top[-1]);
        ++next_index_;
        cursor += 2;
        continue;
      case op::LONG_BINPUT:
        if (left < 5 || top == floor || !planned) return leave();
        if (fetched_->is_fetched(next_index_)) memo_.set(next_index_, top[-1]);
        ++next_index_;
        cursor += 5;
        continue;
      case op::BINGET:
        if (left < 2) return leave();
        made = memo_.get(cursor[1]);
        if (made == nullptr) return leave();
        *top++ = Py_NewRef(made);
        cursor += 2;
        continue;
      case op::LONG_BINGET:
        if (left < 5) return leave();
        made = memo_.get(load_little<std::uint32_t>(cursor + 1));
        if (made == nullptr) return leave();
        *top++ = Py_NewRef(made);
        cursor += 5;
        continue;

      case op::MARK:
        leave();
        push_mark();
        floor = top;
        ++cursor;
        continue;
      case op::EMPTY_TUPLE:
        ++cursor;
        *top++ = state_.empty_tuple.new_reference();
        continue;
      case op::TUPLE1:
      case op::TUPLE2:
      case op::TUPLE3: {
        const Py_ssize_t size = *cursor - op::TUPLE1 + 1;
        if (top - floor < size) return leave();
        if (left > 1 && is_call(cursor[1])) {
          member([&] { load_arguments(depth() - static_cast<std::size_t>(size)); });
          continue;
        }
        ++cursor;
        made = PyTuple_New(size);
        if (made == nullptr) break;
        top -= size;
        for (Py_ssize_t i = 0; i < size; ++i) PyTuple_SET_ITEM(made, i, top[i]);
        untrack_if_atomic(made);
        break;
      }
      case op::TUPLE: member([&] { load_arguments(pop_mark()); }); continue;
      case op::EMPTY_LIST:
        ++cursor;
        made = PyList_New(0);
        break;
      case op::APPENDS: member([&] { load_appends(pop_mark()); }); continue;
      case op::EMPTY_DICT: member([&] { load_empty_dict(); }); continue;
      case op::SETITEMS: member([&] { load_setitems(pop_mark_keeping_unmade()); }); continue;
      case op::NEWOBJ: member([&] { load_newobj(); }); continue;
      case op::REDUCE: member([&] { load_reduce(); }); continue;
      case op::BUILD: member([&] { load_build(); }); continue;
      default: return leave();
    }
    if (made == nullptr) [[unlikely]] {
      leave();
      throw_python_error();
    }
    *top++ = made;
  }
  leave();
}

// The size of the instruction at `at` bytes ahead if it does no more than memoise what is never fetched; else 0.
std::size_t Decoder::skippable_put(std::size_t at) const {
  if (fetched_ == nullptr || !in_.has(at + 1) || fetched_->is_fetched(next_index_)) return 0;
  const std::uint8_t next = in_.cursor[at];
  return next == op::MEMOIZE ? 1 : next == op::BINPUT ? 2 : next == op::LONG_BINPUT ? 5 : 0;
}

// A dict whose items follow at once is not made yet. So is one that is memoised, if the entry is never fetched: the
// state of an instance in a stock stream.
void Decoder::load_empty_dict() {
  const std::size_t skipped = skippable_put(0);
  if (!in_.has(skipped + 1) || in_.cursor[skipped] != op::MARK) return push(Ref::checked(PyDict_New()));
  in_.cursor += skipped;
  next_index_ += skipped != 0 ? 1 : 0;
  push(Ref::steal(unmade_dict()));
}

}  // namespace brinery
