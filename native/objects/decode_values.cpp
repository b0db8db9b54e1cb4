// Numbers, text, bytes and buffers.
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "objects/decode_text.hpp"
#include "objects/decoder.hpp"
#include "wire/huge_pages.hpp"

namespace brinery {

namespace {

// From this size on it pays to have large pages behind a payload.
constexpr std::size_t huge_from = 4 * 1024 * 1024;
// From a file, no more than this is believed without having seen it. Growing a block of this size moves pages, not
// bytes.
constexpr std::size_t believed_size = 1024 * 1024;

}  // namespace

void Decoder::load_short_text(std::size_t size) {
  need(size);
  push(Ref::checked(cache_.text.make(in_.cursor, size)));
  in_.cursor += size;
}

void Decoder::load_text(std::uint64_t size) {
  check_size(size, "BINUNICODE length");
  const auto n = static_cast<std::size_t>(size);
  if (n <= 0xff) return load_short_text(n);
  if (source_ != nullptr && !in_.has(n) && n >= huge_from) {
    Ref bytes = take_bytes(n);
    return push(Ref::checked(
        PyUnicode_DecodeUTF8(PyBytes_AS_STRING(bytes.get()), PyBytes_GET_SIZE(bytes.get()), "surrogatepass")));
  }
  need(n);
  const std::uint8_t* data = in_.cursor;
  in_.cursor += n;
  push(Ref::checked(
      PyUnicode_DecodeUTF8(reinterpret_cast<const char*>(data), static_cast<Py_ssize_t>(n), "surrogatepass")));
}

// n bytes as an object of their own; from a file they are read straight into it.
Ref Decoder::take_bytes(std::size_t n) {
  if (in_.has(n)) {
    Ref bytes = Ref::checked(PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(n)));
    if (n >= huge_from) wire::advise_huge_pages(PyBytes_AS_STRING(bytes.get()), n);
    std::memcpy(PyBytes_AS_STRING(bytes.get()), in_.cursor, n);
    in_.cursor += n;
    return bytes;
  }
  if (source_ == nullptr) fail("pickle data was truncated");
  leave_opcode();
  std::size_t have = 0;
  std::size_t piece = std::min(n, believed_size);
  PyObject* bytes = Ref::checked(PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(piece))).release();
  for (;;) {
    Ref hold = Ref::steal(bytes);
    {
      ForeignCode foreign(*this);
      auto* to = reinterpret_cast<std::uint8_t*>(PyBytes_AS_STRING(hold.get()));
      if (!source_->read_into(in_, to + have, piece - have)) fail("pickle data was truncated");
    }
    if (piece == n) return hold;
    have = piece;
    piece = std::min(n, piece * 2);
    bytes = hold.release();
    if (_PyBytes_Resize(&bytes, static_cast<Py_ssize_t>(piece)) < 0) throw_python_error();
  }
}

// As in the C module, bytes in memory are cut off when nothing at all follows their length, even one of 0.
void Decoder::refuse_empty_at_end() {
  if (source_ == nullptr && !in_.has(1)) fail("pickle data was truncated");
}

void Decoder::load_bytes(std::uint64_t size) {
  check_size(size, "BINBYTES length");
  refuse_empty_at_end();
  push(take_bytes(static_cast<std::size_t>(size)));
}

void Decoder::load_bytearray(std::uint64_t size) {
  check_size(size, "BYTEARRAY8 length");
  refuse_empty_at_end();
  const auto n = static_cast<std::size_t>(size);
  if (!in_.has(n) && (source_ == nullptr || n > believed_size)) {
    if (source_ == nullptr) fail("pickle data was truncated");
    return push(Ref::checked(PyByteArray_FromObject(take_bytes(n))));
  }
  Ref array = Ref::checked(PyByteArray_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(n)));
  auto* to = reinterpret_cast<std::uint8_t*>(PyByteArray_AS_STRING(array.get()));
  if (n >= huge_from) wire::advise_huge_pages(to, n);
  if (in_.has(n)) {
    if (n > 0) std::memcpy(to, in_.cursor, n);
    in_.cursor += n;
  } else {
    leave_opcode();
    ForeignCode foreign(*this);
    if (!source_->read_into(in_, to, n)) fail("pickle data was truncated");
  }
  push(std::move(array));
}

void Decoder::load_next_buffer() {
  if (options_.buffers == nullptr) {
    fail("pickle stream refers to out-of-band data but no *buffers* argument was given");
  }
  ForeignCode foreign(*this);
  Ref buffer = Ref::steal(PyIter_Next(options_.buffers));
  if (!buffer) {
    if (PyErr_Occurred() != nullptr) throw_python_error();
    fail("not enough out-of-band buffers");
  }
  push(std::move(buffer));
}

void Decoder::load_readonly_buffer() {
  require(1);
  ForeignCode foreign(*this);
  Ref view = Ref::checked(PyMemoryView_FromObject(peek()));
  if (PyMemoryView_GET_BUFFER(view.get())->readonly != 0) return;
  Ref read_only = Ref::checked(PyObject_CallMethod(view, "toreadonly", nullptr));
  pop();
  push(std::move(read_only));
}

void Decoder::load_counted_long(std::size_t size) {
  need(size);
  const std::uint8_t* data = in_.cursor;
  in_.cursor += size;
  if (size <= 8) {
    std::uint64_t value = 0;
    std::memcpy(&value, data, size);
    if constexpr (std::endian::native == std::endian::big)
      value = wire::load_little<std::uint64_t>(reinterpret_cast<const std::uint8_t*>(&value));
    if (size > 0 && size < 8 && (data[size - 1] & 0x80) != 0) value |= ~std::uint64_t{0} << (8 * size);
    return push(Ref::checked(PyLong_FromLongLong(static_cast<long long>(value))));
  }
  push(Ref::checked(_PyLong_FromByteArray(data, size, 1, 1)));
}

// INT: the text of an int, or of a bool that older readers should take for one. As in C, the text ends at a null byte,
// and what strtol() understands comes first: 010 is eight.
void Decoder::load_int_line() {
  const std::string text = take_text_line();
  char* end = nullptr;
  errno = 0;
  const long number = std::strtol(text.c_str(), &end, 0);
  if (errno == 0 && *end == '\0') {
    if (text.size() == 2 && (number == 0 || number == 1)) return push(Ref::borrow(number == 1 ? Py_True : Py_False));
    return push(Ref::checked(PyLong_FromLong(number)));
  }
  Ref value = Ref::steal(PyLong_FromString(text.c_str(), nullptr, 0));
  if (!value) fail(PyExc_ValueError, "could not convert string to int");
  push(std::move(value));
}

// LONG: the text of an int, perhaps with Python 2's L behind it.
void Decoder::load_long_line() {
  std::string text = take_text_line();
  if (text.back() == 'L') text.pop_back();
  push(Ref::checked(PyLong_FromString(text.c_str(), nullptr, 0)));
}

void Decoder::load_float_line() {
  const std::string text = take_text_line();
  char* end = nullptr;
  const double value = PyOS_string_to_double(text.c_str(), &end, PyExc_OverflowError);
  if (value == -1.0 && PyErr_Occurred() != nullptr) throw_python_error();
  if (*end != '\0') fail(PyExc_ValueError, "could not convert string to float");
  push(Ref::checked(PyFloat_FromDouble(value)));
}

// A str of Python 2: decoded as the user said, or left as bytes.
void Decoder::push_decoded_string(const char* data, std::size_t size) {
  if (std::strcmp(options_.encoding, "bytes") == 0) {
    return push(Ref::checked(PyBytes_FromStringAndSize(data, static_cast<Py_ssize_t>(size))));
  }
  ForeignCode foreign(*this);  // a codec may be anyone's
  push(Ref::checked(PyUnicode_Decode(data, static_cast<Py_ssize_t>(size), options_.encoding, options_.errors)));
}

void Decoder::load_string_line() {
  std::size_t size = 0;
  const auto* line = reinterpret_cast<const char*>(take_line(size));
  if (size < 2 || line[0] != line[size - 1] || (line[0] != '"' && line[0] != '\'')) {
    fail("the STRING opcode argument must be quoted");
  }
  Ref bytes = Ref::checked(PyBytes_DecodeEscape(line + 1, static_cast<Py_ssize_t>(size - 2), nullptr, 0, nullptr));
  push_decoded_string(PyBytes_AS_STRING(bytes.get()), static_cast<std::size_t>(PyBytes_GET_SIZE(bytes.get())));
}

void Decoder::load_counted_string(std::size_t size) {
  need(size);
  const auto* data = reinterpret_cast<const char*>(in_.cursor);
  in_.cursor += size;
  push_decoded_string(data, size);
}

void Decoder::load_unicode_line() {
  std::size_t size = 0;
  const auto* line = reinterpret_cast<const char*>(take_line(size, true));
  push(Ref::checked(PyUnicode_DecodeRawUnicodeEscape(line, static_cast<Py_ssize_t>(size), nullptr)));
}

}  // namespace brinery
