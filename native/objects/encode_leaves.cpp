// Leaves off the common path: long or non-ASCII text, big integers, bytes, the text forms of protocols 0 and 1.
#include "objects/encode_leaves.hpp"

#include <array>

namespace brinery {

namespace {

// Bytes that UTF-8 takes for the string, lone surrogates counted as three each.
template <class Unit>
std::size_t utf8_size(const Unit* units, std::size_t count) {
  std::size_t size = count;
  for (std::size_t i = 0; i < count; ++i) {
    size += units[i] >= 0x80;
    if constexpr (sizeof(Unit) > 1) size += units[i] >= 0x800;
    if constexpr (sizeof(Unit) > 2) size += units[i] >= 0x10000;
  }
  return size;
}

// Writes UTF-8 as the "surrogatepass" error handler has it. REQUIRES: room for utf8_size(units, count)
template <class Unit>
void encode_utf8(const Unit* units, std::size_t count, std::uint8_t* to) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t c = units[i];
    if (c < 0x80) {
      *to++ = static_cast<std::uint8_t>(c);
    } else if (c < 0x800) {
      *to++ = static_cast<std::uint8_t>(0xc0 | (c >> 6));
      *to++ = static_cast<std::uint8_t>(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
      *to++ = static_cast<std::uint8_t>(0xe0 | (c >> 12));
      *to++ = static_cast<std::uint8_t>(0x80 | ((c >> 6) & 0x3f));
      *to++ = static_cast<std::uint8_t>(0x80 | (c & 0x3f));
    } else {
      *to++ = static_cast<std::uint8_t>(0xf0 | (c >> 18));
      *to++ = static_cast<std::uint8_t>(0x80 | ((c >> 12) & 0x3f));
      *to++ = static_cast<std::uint8_t>(0x80 | ((c >> 6) & 0x3f));
      *to++ = static_cast<std::uint8_t>(0x80 | (c & 0x3f));
    }
  }
}

// Calls visit(units, count) with the string's own representation.
template <class Visit>
auto with_units(PyObject* object, Visit&& visit) {
  const auto count = static_cast<std::size_t>(PyUnicode_GET_LENGTH(object));
  switch (PyUnicode_KIND(object)) {
    case PyUnicode_1BYTE_KIND: return visit(PyUnicode_1BYTE_DATA(object), count);
    case PyUnicode_2BYTE_KIND: return visit(PyUnicode_2BYTE_DATA(object), count);
    default: return visit(PyUnicode_4BYTE_DATA(object), count);
  }
}

struct Header {
  std::array<std::uint8_t, 9> bytes;
  std::size_t size;
};

// The opcode and length of a counted payload, in the shortest form the protocol has. `short_code` 0: no such form.
Header counted_header(PyObject* error, int protocol, std::uint8_t short_code, std::uint8_t code, std::uint8_t long_code,
                      std::size_t size, const char* what) {
  Header header{};
  if (size <= 0xff && short_code != 0) {
    header.bytes = {short_code, static_cast<std::uint8_t>(size)};
    header.size = 2;
  } else if (size <= 0xffffffffU) {
    header.bytes[0] = code;
    wire::store_little(&header.bytes[1], static_cast<std::uint32_t>(size));
    header.size = 5;
  } else if (protocol >= 4) {
    header.bytes[0] = long_code;
    wire::store_little(&header.bytes[1], static_cast<std::uint64_t>(size));
    header.size = 9;
  } else {
    raise(error, "serializing a %s larger than 4 GiB requires pickle protocol 4 or higher", what);
  }
  return header;
}

constexpr char hex_digits[] = "0123456789abcdef";

void append_escape(Vector<char>& text, char kind, std::uint32_t c, int digits) {
  text.push_back('\\');
  text.push_back(kind);
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) text.push_back(hex_digits[(c >> shift) & 0xf]);
}

}  // namespace

void Encoder::save_name_slowly(PyObject* object) {
  if (options_.canonical != nullptr) return save_text_by_value(object);
  if (write_get_if_known(object)) return;
  write_str(object);
  memoize(object);
}

void Encoder::write_str_slow(PyObject* object) {
  if (!binary_) return write_text_str(object);
  const bool ascii = PyUnicode_IS_COMPACT_ASCII(object);
  const std::size_t size =
      ascii ? static_cast<std::size_t>(PyUnicode_GET_LENGTH(object))
            : with_units(object, [](const auto* units, std::size_t count) { return utf8_size(units, count); });
  const Header header = counted_header(PyExc_OverflowError, protocol_, protocol_ >= 4 ? op::SHORT_BINUNICODE : 0,
                                       op::BINUNICODE, op::BINUNICODE8, size, "string");
  if (size >= Output::frame_target) {
    if (ascii) return out_.large(header.bytes.data(), header.size, PyUnicode_DATA(object), size, object, true);
    Ref encoded = Ref::checked(PyUnicode_AsEncodedString(object, "utf-8", "surrogatepass"));
    return out_.large(header.bytes.data(), header.size, PyBytes_AS_STRING(encoded.get()), size, encoded, true);
  }
  std::uint8_t* to = out_.reserve(header.size + size);
  std::memcpy(to, header.bytes.data(), header.size);
  if (ascii) {
    std::memcpy(to + header.size, PyUnicode_DATA(object), size);
  } else {
    with_units(object, [&](const auto* units, std::size_t count) { encode_utf8(units, count, to + header.size); });
  }
  out_.advance(header.size + size);
}

// UNICODE: raw-unicode-escape, with backslash, NUL, newlines and the DOS end-of-file escaped as well.
void Encoder::write_text_str(PyObject* object) {
  Vector<char> text;
  text.push_back(static_cast<char>(op::UNICODE));
  with_units(object, [&](const auto* units, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t c = units[i];
      if (c >= 0x10000) {
        append_escape(text, 'U', c, 8);
      } else if (c >= 0x100 || c == '\\' || c == 0 || c == '\n' || c == '\r' || c == 0x1a) {
        append_escape(text, 'u', c, 4);
      } else {
        text.push_back(static_cast<char>(c));
      }
    }
  });
  text.push_back('\n');
  out_.bytes(text.data(), text.size());
}

void Encoder::write_text_int(PyObject* object) {
  int overflow = 0;
  const long long value = PyLong_AsLongLongAndOverflow(object, &overflow);
  if (overflow == 0 && value >= INT32_MIN && value <= INT32_MAX) {
    if (binary_) return write_int64(value);
    char text[32];
    return out_.bytes(text, static_cast<std::size_t>(PyOS_snprintf(text, sizeof text, "I%lld\n", value)));
  }
  Ref repr = Ref::checked(PyLong_Type.tp_repr(object));
  Py_ssize_t size = 0;
  const char* text = PyUnicode_AsUTF8AndSize(repr, &size);
  if (text == nullptr) throw_python_error();
  std::uint8_t* to = out_.reserve(static_cast<std::size_t>(size) + 3);
  to[0] = op::LONG;
  std::memcpy(to + 1, text, static_cast<std::size_t>(size));
  std::memcpy(to + 1 + size, "L\n", 2);
  out_.advance(static_cast<std::size_t>(size) + 3);
}

void Encoder::write_big_int(PyObject* object) {
  const std::size_t bits = _PyLong_NumBits(object);
  if (bits == static_cast<std::size_t>(-1) && PyErr_Occurred() != nullptr) throw_python_error();
  std::size_t size = bits / 8 + 1;
  if (size > 0x7fffffffU) raise(PyExc_OverflowError, "int too large to pickle");
  Vector<unsigned char> bytes(size);
#if PY_VERSION_HEX >= 0x030D0000
  const int status = _PyLong_AsByteArray(reinterpret_cast<PyLongObject*>(object), bytes.data(), size, 1, 1, 1);
#else
  const int status = _PyLong_AsByteArray(reinterpret_cast<PyLongObject*>(object), bytes.data(), size, 1, 1);
#endif
  check_status(status);
  // A last byte that only repeats the sign of the one before says nothing.
  if (size > 1 && bytes[size - 1] == 0xff && (bytes[size - 2] & 0x80) != 0) --size;
  std::uint8_t header[5] = {op::LONG1, static_cast<std::uint8_t>(size)};
  std::size_t header_size = 2;
  if (size > 0xff) {
    header[0] = op::LONG4;
    wire::store_little(header + 1, static_cast<std::uint32_t>(size));
    header_size = 5;
  }
  std::uint8_t* to = out_.reserve(header_size + size);
  std::memcpy(to, header, header_size);
  std::memcpy(to + header_size, bytes.data(), size);
  out_.advance(header_size + size);
}

void Encoder::write_text_float(double value) {
  char* text = PyOS_double_to_string(value, 'r', 0, Py_DTSF_ADD_DOT_0, nullptr);
  if (text == nullptr) throw std::bad_alloc();
  const std::size_t size = std::strlen(text);
  std::uint8_t* to = out_.reserve(size + 2);
  to[0] = op::FLOAT;
  std::memcpy(to + 1, text, size);
  to[size + 1] = '\n';
  out_.advance(size + 2);
  PyMem_Free(text);
}

// REQUIRES: protocol_ >= 3
void Encoder::write_bytes_payload(const void* data, std::size_t size, PyObject* owner, bool stable) {
  const Header header = counted_header(PyExc_OverflowError, protocol_, op::SHORT_BINBYTES, op::BINBYTES, op::BINBYTES8,
                                       size, "bytes object");
  if (size >= Output::frame_target) {
    // What may change under us can only be put off while no foreign code runs; see Encoder::Restart.
    const bool put_off = stable || skip_unique_;
    skipped_ |= !stable && skip_unique_;
    return out_.large(header.bytes.data(), header.size, data, size, owner, put_off);
  }
  if (stable && owner != nullptr && out_.gathers(size)) {
    out_.reserve(header.size + size);  // all of it in one frame
    out_.bytes(header.bytes.data(), header.size);
    return out_.put_off(data, size, owner);
  }
  std::uint8_t* to = out_.reserve(header.size + size);
  std::memcpy(to, header.bytes.data(), header.size);
  if (size != 0) wire::copy_short(to + header.size, data, size, out_.room() - header.size);
  out_.advance(header.size + size);
}

// REQUIRES: protocol_ >= 5
void Encoder::write_bytearray_payload(const void* data, std::size_t size, PyObject* owner, bool stable) {
  std::uint8_t header[9] = {op::BYTEARRAY8};
  wire::store_little(header + 1, static_cast<std::uint64_t>(size));
  if (size >= Output::frame_target) {
    const bool put_off = stable || skip_unique_;
    skipped_ |= !stable && skip_unique_;
    return out_.large(header, sizeof header, data, size, owner, put_off);
  }
  std::uint8_t* to = out_.reserve(sizeof header + size);
  std::memcpy(to, header, sizeof header);
  if (size != 0) std::memcpy(to + sizeof header, data, size);
  out_.advance(sizeof header + size);
}

PyObject* Encoder::begin_bytes(PyObject* object) {
  if (options_.canonical != nullptr) [[unlikely]]
    return begin_bytes_by_value(object);
  if (!unique(object) && write_get_if_known(object)) return nullptr;
  if (protocol_ < 3) {
    // Python 2 had no such type: encode(text, "latin1") gives its str there and bytes here.
    if (write_get_if_known(object)) return nullptr;
    if (PyBytes_GET_SIZE(object) == 0) {
      return push_reduce(object, Ref::checked(Py_BuildValue("(O())", &PyBytes_Type)));
    }
    Ref text = Ref::checked(PyUnicode_DecodeLatin1(PyBytes_AS_STRING(object), PyBytes_GET_SIZE(object), "strict"));
    return push_reduce(object,
                       Ref::checked(Py_BuildValue("(O(Os))", state_.codecs_encode.get(), text.get(), "latin1")));
  }
  const bool skip = unique(object) && protocol_ >= 4;
  write_bytes_payload(PyBytes_AS_STRING(object), static_cast<std::size_t>(PyBytes_GET_SIZE(object)), object, true);
  if (!skip) memoize(object);
  return nullptr;
}

PyObject* Encoder::begin_bytearray(PyObject* object) {
  const bool skip = skips(object);
  if (!skip && write_get_if_known(object)) return nullptr;
  if (protocol_ < 5) {
    Ref value;
    if (PyByteArray_GET_SIZE(object) == 0) {
      value = Ref::checked(Py_BuildValue("(O())", &PyByteArray_Type));
    } else {
      Ref content =
          Ref::checked(PyBytes_FromStringAndSize(PyByteArray_AS_STRING(object), PyByteArray_GET_SIZE(object)));
      value = Ref::checked(Py_BuildValue("(O(O))", &PyByteArray_Type, content.get()));
    }
    return push_reduce(object, value);
  }
  write_bytearray_payload(PyByteArray_AS_STRING(object), static_cast<std::size_t>(PyByteArray_GET_SIZE(object)), object,
                          false);
  if (!skip) memoize(object);
  return nullptr;
}

void Encoder::save_picklebuffer(PyObject* object) {
  if (write_get_if_known(object)) return;
  if (protocol_ < 5) raise(state_.pickling_error, "PickleBuffer can only be pickled with protocol >= 5");
  const Py_buffer* view = PyPickleBuffer_GetBuffer(object);
  if (view == nullptr) throw_python_error();
  if (view->suboffsets != nullptr || PyBuffer_IsContiguous(view, 'A') == 0) {
    raise(state_.pickling_error, "PickleBuffer can not be pickled when pointing to a non-contiguous buffer");
  }
  if (options_.buffer_callback != nullptr) {
    Ref hold = Ref::borrow(object);
    enter_foreign_code();
    Ref answer = Ref::checked(PyObject_CallOneArg(options_.buffer_callback, object));
    if (check_status(PyObject_IsTrue(answer)) == 0) {
      out_.op(op::NEXT_BUFFER);
      // The callback may have released the buffer.
      view = PyPickleBuffer_GetBuffer(object);
      if (view == nullptr) throw_python_error();
      if (view->readonly != 0) out_.op(op::READONLY_BUFFER);
      return;
    }
    view = PyPickleBuffer_GetBuffer(object);
    if (view == nullptr) throw_python_error();
  }
  const auto size = static_cast<std::size_t>(view->len);
  if (view->readonly != 0) {
    write_bytes_payload(view->buf, size, object, false);
  } else {
    write_bytearray_payload(view->buf, size, object, false);
  }
  if (size >= Output::frame_target) out_.mark_buffer();
  if (memo_.find(object) == MemoTable::absent) memoize(object);
}

}  // namespace brinery
