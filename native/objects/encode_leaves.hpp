// Leaves of the object graph, inlined into the loops over containers.
#pragma once

#include <algorithm>
#include <utility>

#include "objects/encoder.hpp"
#include "wire/integers.hpp"

namespace brinery {

// Objects lie about in memory as they were made: while one is written, the ones that come soon are fetched. Only a
// hint: any address will do, null included.
constexpr Py_ssize_t prefetch_distance = 16;
inline void prefetch(const PyObject* object) { __builtin_prefetch(object); }
inline void prefetch_ahead(PyObject* const* items, Py_ssize_t at, Py_ssize_t size) {
  if (size - at > prefetch_distance) prefetch(items[at + prefetch_distance]);
}

// Ints of at most one digit, which is 30 bits. REQUIRES: PyLong_CheckExact(object)
inline bool is_compact_int(PyObject* object) {
#if PY_VERSION_HEX >= 0x030C0000
  return PyUnstable_Long_IsCompact(reinterpret_cast<PyLongObject*>(object)) != 0;
#else
  return Py_SIZE(object) >= -1 && Py_SIZE(object) <= 1;
#endif
}
// REQUIRES: is_compact_int(object)
inline long long compact_int(PyObject* object) {
#if PY_VERSION_HEX >= 0x030C0000
  return PyUnstable_Long_CompactValue(reinterpret_cast<PyLongObject*>(object));
#else
  return Py_SIZE(object) * static_cast<long long>(reinterpret_cast<PyLongObject*>(object)->ob_digit[0]);
#endif
}

inline void Encoder::write_int64(long long value) {
  std::uint8_t bytes[wire::longest_int];
  if (out_.room() >= sizeof bytes) [[likely]] {
    std::uint8_t* to = out_.cursor();
    return out_.advance(static_cast<std::size_t>(wire::put_int(to, value) - to));
  }
  // Where a frame ends is told by what is written, not by what is touched.
  out_.bytes(bytes, static_cast<std::size_t>(wire::put_int(bytes, value) - bytes));
}

inline void Encoder::save_int(PyObject* object) {
  if (protocol_ < 2) [[unlikely]]
    return write_text_int(object);
  if (is_compact_int(object)) {
    if (out_.room() < wire::longest_int32) [[unlikely]]
      return write_int64(compact_int(object));
    std::uint8_t* to = out_.cursor();
    const auto value = static_cast<std::int32_t>(compact_int(object));
    return out_.advance(static_cast<std::size_t>(wire::put_int32(to, value) - to));
  }
  int overflow = 0;
  const long long value = PyLong_AsLongLongAndOverflow(object, &overflow);
  if (overflow != 0) return write_big_int(object);
  write_int64(value);
}

inline void Encoder::save_float(double value) {
  if (!binary_) [[unlikely]]
    return write_text_float(value);
  std::uint8_t* to = out_.reserve(9);
  to[0] = op::BINFLOAT;
  wire::store_big_double(to + 1, value);
  out_.advance(9);
}

// Writes the floats at the start of a row of objects; how many there were. REQUIRES: binary_
inline Py_ssize_t Encoder::save_float_run(PyObject* const* items, Py_ssize_t count) {
  Py_ssize_t done = 0;
  while (done < count && Py_TYPE(items[done]) == &PyFloat_Type) {
    std::uint8_t* to = out_.reserve(9);
    const auto fit = static_cast<Py_ssize_t>(out_.room() / 9);
    const Py_ssize_t stop = std::min(count, done + fit);
    std::uint8_t* const start = to;
    for (; done < stop && Py_TYPE(items[done]) == &PyFloat_Type; ++done, to += 9) {
      prefetch_ahead(items, done, count);
      to[0] = op::BINFLOAT;
      wire::store_big_double(to + 1, PyFloat_AS_DOUBLE(items[done]));
    }
    out_.advance(static_cast<std::size_t>(to - start));
  }
  return done;
}

// The same for ints of at most one digit. REQUIRES: binary_
inline Py_ssize_t Encoder::save_int_run(PyObject* const* items, Py_ssize_t count) {
  const auto is_short = [](PyObject* object) { return Py_TYPE(object) == &PyLong_Type && is_compact_int(object); };
  Py_ssize_t done = 0;
  while (done < count && is_short(items[done])) {
    std::uint8_t* to = out_.reserve(wire::longest_int32);
    const auto fit = static_cast<Py_ssize_t>(out_.room() / wire::longest_int32);
    const Py_ssize_t stop = std::min(count, done + fit);
    std::uint8_t* const start = to;
    for (; done < stop && is_short(items[done]); ++done) {
      prefetch_ahead(items, done, count);
      to = wire::put_int32(to, static_cast<std::int32_t>(compact_int(items[done])));
    }
    out_.advance(static_cast<std::size_t>(to - start));
  }
  return done;
}

inline void Encoder::save_bool(bool value) {
  if (protocol_ >= 2) return out_.op(value ? op::NEWTRUE : op::NEWFALSE);
  out_.bytes(value ? "I01\n" : "I00\n", 4);
}

// The text of a str. REQUIRES: PyUnicode_IS_COMPACT_ASCII(object)
inline const void* ascii_data(PyObject* object) { return reinterpret_cast<PyASCIIObject*>(object) + 1; }

[[gnu::always_inline]] inline void Encoder::write_str(PyObject* object) {
  if (PyUnicode_IS_COMPACT_ASCII(object) && protocol_ >= 4) {
    const auto size = static_cast<std::size_t>(PyUnicode_GET_LENGTH(object));
    if (size <= 0xff) {
      std::uint8_t* to = out_.reserve(2 + size);
      to[0] = op::SHORT_BINUNICODE;
      to[1] = static_cast<std::uint8_t>(size);
      wire::copy_short(to + 2, ascii_data(object), size, out_.room() - 2);
      return out_.advance(2 + size);
    }
  }
  write_str_slow(object);
}

// A str that only its holder refers to cannot be in the memo, and is not worth an entry; nor is a single character,
// of which there is only one anyway.
[[gnu::always_inline]] inline void Encoder::save_str(PyObject* object) {
  if (skips_text_ && (unique(object) || PyUnicode_GET_LENGTH(object) <= 1)) return write_str(object);
  save_name(object);
}

// Writes a str as its index in the memo says. False when the index is unknown, or long. REQUIRES: room for the str and
// 3 bytes; PyUnicode_IS_COMPACT_ASCII(object)
[[gnu::always_inline]] inline bool Encoder::write_name(PyObject* object, std::size_t size, std::int64_t index) {
  std::uint8_t* to = out_.cursor();
  if (index == MemoTable::absent) {
    to[0] = op::SHORT_BINUNICODE;
    to[1] = static_cast<std::uint8_t>(size);
    wire::copy_short(to + 2, ascii_data(object), size, wire::copy_width);
    to[size + 2] = op::MEMOIZE;
    out_.advance(size + 3);
  } else if (index >= 0 && index <= 0xff) {
    to[0] = op::BINGET;
    to[1] = static_cast<std::uint8_t>(index);
    out_.advance(2);
  } else {
    return false;
  }
  return true;
}

// A str that goes into the memo whatever its reference count: names are shared by all instances of a class. Three ways,
// each the quicker for not having the next one's calls and registers in it.
[[gnu::noinline]] inline void Encoder::save_name(PyObject* object) {
  const auto size = static_cast<std::size_t>(PyUnicode_GET_LENGTH(object));
  if (!memoises_names_ || !PyUnicode_IS_COMPACT_ASCII(object) || size > wire::copy_width ||
      out_.room() < wire::copy_width + 3) {
    return save_name_slowly(object);
  }
  if (!write_name(object, size, memo_.find_or_add_to_few(object))) save_name_hashed(object);
}

// REQUIRES: what save_name() has seen to
[[gnu::noinline]] inline void Encoder::save_name_hashed(PyObject* object) {
  const auto size = static_cast<std::size_t>(PyUnicode_GET_LENGTH(object));
  if (!write_name(object, size, memo_.find_or_add_quickly(object))) save_name_slowly(object);
}

// True if the object was a leaf and has been written. REQUIRES: plain_
[[gnu::always_inline]] inline bool Encoder::save_leaf(PyObject* object) {
  PyTypeObject* type = Py_TYPE(object);
  if (type == &PyUnicode_Type) {
    save_str(object);
  } else if (type == &PyLong_Type) {
    save_int(object);
  } else if (type == &PyFloat_Type) {
    save_float(PyFloat_AS_DOUBLE(object));
  } else if (object == Py_None) {
    out_.op(op::NONE);
  } else if (type == &PyBool_Type) {
    save_bool(object == Py_True);
  } else {
    return false;
  }
  return true;
}

inline PyObject* Encoder::save_part(Frame& frame, PyObject* part) {
  if (plain_ && save_leaf(part)) return nullptr;
  return descend(frame, part);
}

// Goes on with a container in a frame that is not on the stack: one that is written whole never gets there. A frame
// that fails is parked too: the note on the exception tells its place from the frames.
template <PyObject* (Encoder::*advance)(Frame&)>
inline PyObject* Encoder::start(Frame& frame) {
  PyObject* next = nullptr;
  try {
    next = (this->*advance)(frame);
  } catch (const PythonError&) {
    park(std::move(frame));
    throw;
  }
  if (next != nullptr) park(std::move(frame));
  return next;
}

// An object has been memoised whose items or state are next. `reads`: something runs that may look at them.
inline void Encoder::open_instance(Frame& frame, std::int64_t index, bool reads) {
  if (!defers_ || index < 0) return;
  open_.open(index, reads);
  frame.open = true;
}

// Before a key or element is written; or, for `reads`, one of what can't wait.
inline void Encoder::watch(Frame& frame, PyObject* key, bool reads) {
  if (!open_.any() || Py_TYPE(key)->tp_hash == PyBaseObject_Type.tp_hash) return;
  open_.enter(reads ? nullptr : key, reads);
  frame.watched = true;
}

inline bool Encoder::write_get_if_known(PyObject* object) {
  const std::int64_t index = memo_.find(object);
  if (index < 0) {
    // A shared tuple met again while its items are out: only the general way sorts that out.
    if (index == MemoTable::pending) [[unlikely]]
      throw Restart{};
    return false;
  }
  if (open_.within_part()) [[unlikely]]
    open_.meet(index);
  write_get(index);
  return true;
}

inline void Encoder::write_get(std::int64_t index) {
  if (index <= 0xff && binary_) return out_.op_u8(op::BINGET, static_cast<std::uint8_t>(index));
  if (binary_) {
    if (index > 0xffffffffLL) raise(state_.pickling_error, "memo id too large for LONG_BINGET");
    return out_.op_little(op::LONG_BINGET, static_cast<std::uint32_t>(index));
  }
  char text[32];
  out_.bytes(text,
             static_cast<std::size_t>(PyOS_snprintf(text, sizeof text, "g%lld\n", static_cast<long long>(index))));
}

inline void Encoder::write_put(std::size_t index) {
  if (protocol_ >= 4) return out_.op(op::MEMOIZE);
  if (binary_ && index <= 0xff) return out_.op_u8(op::BINPUT, static_cast<std::uint8_t>(index));
  if (binary_) return out_.op_little(op::LONG_BINPUT, static_cast<std::uint32_t>(index));
  char text[32];
  out_.bytes(text, static_cast<std::size_t>(PyOS_snprintf(text, sizeof text, "p%zu\n", index)));
}

// REQUIRES: the object is not in the memo.
inline void Encoder::memoize(PyObject* object) {
  if (options_.fast) [[unlikely]]
    return;
  write_put(memo_.add(object));
}

inline void Encoder::memoize_unless_unique(PyObject* object) {
  if (!skips(object)) memoize(object);
}

// Closes the batch that is full and opens the next one; false when nothing remains.
inline bool Encoder::open_batch(Frame& frame, Py_ssize_t remaining, std::uint8_t one, std::uint8_t many) {
  if (frame.closing != 0) out_.op(std::exchange(frame.closing, std::uint8_t{0}));
  if (remaining <= 0) return false;
  if ((remaining == 1 && frame.after == After::nothing) || !binary_) {
    frame.closing = one;
    frame.left = 1;
  } else {
    out_.op(op::MARK);
    frame.closing = many;
    frame.left = std::min(remaining, batch_size);
  }
  return true;
}

}  // namespace brinery
