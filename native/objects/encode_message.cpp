#include "objects/encode_message.hpp"

#include <algorithm>

#include "objects/encode_leaves.hpp"
#include "objects/layout.hpp"

namespace brinery {

namespace {

constexpr Py_ssize_t most_parts = 32;  // of the outermost object

// Its number of parts, or more than most_parts.
Py_ssize_t parts_of(PyObject* object) {
  if (PyDict_CheckExact(object)) return PyDict_GET_SIZE(object);
  if (PyList_CheckExact(object) || PyTuple_CheckExact(object)) return Py_SIZE(object);
  return most_parts + 1;
}

// NOLINTBEGIN(misc-no-recursion): most_levels bounds it
class MessageWriter {
 public:
  explicit MessageWriter(int protocol) {
    to_[0] = op::PROTO;
    to_[1] = static_cast<std::uint8_t>(protocol);
    to_ += 2 + frame_header;
  }

  // False: this is no message.
  bool save(PyObject* object, int depth) {
    PyTypeObject* type = Py_TYPE(object);
    if (type == &PyUnicode_Type) return save_text(object);
    if (!has_room(longest_number)) return false;
    if (type == &PyLong_Type) return save_int(object);
    if (type == &PyFloat_Type) {
      to_[0] = op::BINFLOAT;
      wire::store_big_double(to_ + 1, PyFloat_AS_DOUBLE(object));
      to_ += 9;
      return true;
    }
    if (object == Py_None) return put(op::NONE);
    if (type == &PyBool_Type) return put(object == Py_True ? op::NEWTRUE : op::NEWFALSE);
    return save_container(object, depth);
  }

  Ref finish() {
    put(op::STOP);
    std::uint8_t* frame = buffer_ + 2;
    const auto size = static_cast<std::size_t>(to_ - frame - frame_header);
    if (size >= Output::frame_minimum) {
      frame[0] = op::FRAME;
      wire::store_little(frame + 1, static_cast<std::uint64_t>(size));
    } else {
      std::memmove(frame, frame + frame_header, size);
      to_ -= frame_header;
    }
    return Ref::checked(
        PyBytes_FromStringAndSize(reinterpret_cast<const char*>(buffer_), static_cast<Py_ssize_t>(to_ - buffer_)));
  }

 private:
  static constexpr std::ptrdiff_t frame_header = 9;
  static constexpr std::size_t longest_number = 16;  // and longer than any two opcodes around a container
  static constexpr std::size_t most_met = 48;
  static constexpr int most_levels = 8;
  static constexpr Py_ssize_t most_nested = 255;  // parts of a container: it is one batch

  [[nodiscard]] bool has_room(std::size_t n) const { return static_cast<std::size_t>(buffer_ + size - to_) >= n; }
  bool put(std::uint8_t code) {
    *to_++ = code;
    return true;
  }

  bool save_int(PyObject* object) {
    int overflow = 0;
    const long long value =
        is_compact_int(object) ? compact_int(object) : PyLong_AsLongLongAndOverflow(object, &overflow);
    if (overflow != 0) return false;
    to_ = wire::put_int(to_, value);
    return true;
  }

  bool save_text(PyObject* object) {
    if (!PyUnicode_IS_COMPACT_ASCII(object)) return false;
    const auto length = static_cast<std::size_t>(PyUnicode_GET_LENGTH(object));
    if (length > 0xff || !has_room(std::max(length, wire::copy_width) + longest_number)) return false;
    const bool skip = length <= 1 || Py_REFCNT(object) == 1;
    if (!skip && get(object)) return true;
    to_[0] = op::SHORT_BINUNICODE;
    to_[1] = static_cast<std::uint8_t>(length);
    wire::copy_short(to_ + 2, ascii_data(object), length, wire::copy_width);
    to_ += 2 + length;
    return skip || memoize(object);
  }

  bool save_bytes(PyObject* object, bool skip) {
    const auto length = static_cast<std::size_t>(PyBytes_GET_SIZE(object));
    if (length > 0xff || !has_room(std::max(length, wire::copy_width) + longest_number)) return false;
    to_[0] = op::SHORT_BINBYTES;
    to_[1] = static_cast<std::uint8_t>(length);
    wire::copy_short(to_ + 2, PyBytes_AS_STRING(object), length, wire::copy_width);
    to_ += 2 + length;
    return skip || memoize(object);
  }

  bool save_container(PyObject* object, int depth) {
    PyTypeObject* type = Py_TYPE(object);
    if (type == &PyTuple_Type && PyTuple_GET_SIZE(object) == 0) return put(op::EMPTY_TUPLE);
    const bool skip = Py_REFCNT(object) == 1;
    if (!skip && get(object)) return true;
    if (type == &PyBytes_Type) return save_bytes(object, skip);
    if (depth >= most_levels) return false;
    if (type == &PyDict_Type) {
      put(op::EMPTY_DICT);
      return (skip || memoize(object)) && save_entries(object, depth + 1);
    }
    if (type == &PyList_Type) {
      put(op::EMPTY_LIST);
      return (skip || memoize(object)) && save_items(object, depth + 1);
    }
    return type == &PyTuple_Type && save_tuple(object, skip, depth + 1);
  }

  bool save_entries(PyObject* dict, int depth) {
    const Py_ssize_t count = PyDict_GET_SIZE(dict);
    if (count == 0 || count > most_nested) return count == 0;
    if (count > 1) put(op::MARK);
    PyObject *key = nullptr, *value = nullptr;
    for (Py_ssize_t at = 0; layout::next_entry(dict, at, key, value);) {
      if (!save(key, depth) || !save(value, depth)) return false;
    }
    return put(count > 1 ? op::SETITEMS : op::SETITEM);
  }

  bool save_items(PyObject* list, int depth) {
    const Py_ssize_t count = PyList_GET_SIZE(list);
    if (count == 0 || count > most_nested) return count == 0;
    if (count > 1) put(op::MARK);
    for (Py_ssize_t i = 0; i < count; ++i) {
      if (!save(PyList_GET_ITEM(list, i), depth)) return false;
    }
    return put(count > 1 ? op::APPENDS : op::APPEND);
  }

  bool save_tuple(PyObject* tuple, bool skip, int depth) {
    const Py_ssize_t count = PyTuple_GET_SIZE(tuple);
    if (count > 3) put(op::MARK);
    for (Py_ssize_t i = 0; i < count; ++i) {
      PyObject* item = PyTuple_GET_ITEM(tuple, i);
      if (item == nullptr || !save(item, depth)) return false;
    }
    static constexpr std::uint8_t closing[] = {op::EMPTY_TUPLE, op::TUPLE1, op::TUPLE2, op::TUPLE3};
    // One that is there by now contains itself.
    if (!has_room(longest_number) || (!skip && position_of(tuple) != most_met)) return false;
    put(count > 3 ? op::TUPLE : closing[count]);
    return skip || memoize(tuple);
  }

  // The few objects that may be met again, behind a filter of 64 bits as MemoTable has it.
  [[nodiscard]] std::size_t position_of(PyObject* object) const {
    if ((filter_ & bit_of(object)) == 0) return most_met;
    for (std::size_t i = 0; i < met_count_; ++i) {
      if (met_[i] == object) return i;
    }
    return most_met;
  }
  bool get(PyObject* object) {
    const std::size_t position = position_of(object);
    if (position == most_met) return false;
    to_[0] = op::BINGET;
    to_[1] = static_cast<std::uint8_t>(position);
    to_ += 2;
    return true;
  }
  bool memoize(PyObject* object) {
    if (met_count_ == most_met) return false;
    met_[met_count_++] = object;
    filter_ |= bit_of(object);
    return put(op::MEMOIZE);
  }
  static std::uint64_t bit_of(PyObject* object) {
    return std::uint64_t{1} << ((reinterpret_cast<std::uintptr_t>(object) >> 4) * 0x9E3779B97F4A7C15U >> 58);
  }

  static constexpr std::size_t size = 1024;
  std::uint8_t buffer_[size + longest_number];  // closing opcodes need not ask for room
  std::uint8_t* to_ = buffer_;
  std::uint64_t filter_ = 0;
  std::size_t met_count_ = 0;
  PyObject* met_[most_met];  // borrowed
};

// NOLINTEND(misc-no-recursion)

}  // namespace

bool MessageDoubts::is_worth_trying(PyObject* object) {
  if (parts_of(object) > most_parts) return false;
  std::uint8_t& doubt = doubt_of(object);
  if (doubt == 0) return true;
  --doubt;
  return false;
}

void MessageDoubts::note_failure(PyObject* object) { doubt_of(object) = calls_to_skip; }

// By the outermost type and size.
std::uint8_t& MessageDoubts::doubt_of(PyObject* object) {
  const std::size_t kind = PyDict_CheckExact(object) ? 0 : PyList_CheckExact(object) ? 1 : 2;
  return doubts_[(kind * 21 + static_cast<std::size_t>(parts_of(object))) % count];
}

Ref encode_message(PyObject* object, int protocol) {
  MessageWriter writer(protocol);
  return writer.save(object, 0) ? writer.finish() : Ref();
}

}  // namespace brinery
