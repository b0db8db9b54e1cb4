#include "objects/decode_text.hpp"

#include <cstring>

#include "objects/decoder_cache.hpp"

namespace brinery {

namespace {

bool is_ascii(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t high_bits = 0x8080808080808080U;
  std::uint64_t word = 0;
  std::uint64_t seen = 0;
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    std::memcpy(&word, data + i, 8);
    seen |= word;
  }
  for (; i < size; ++i) seen |= data[i];
  return (seen & high_bits) == 0;
}

}  // namespace

PyObject* new_text(const std::uint8_t* data, std::size_t size) {
  // From some size on, CPython's own decoder does the same in one pass.
  if (size < 2 || size > 256 || !is_ascii(data, size)) {
    return PyUnicode_DecodeUTF8(reinterpret_cast<const char*>(data), static_cast<Py_ssize_t>(size), "surrogatepass");
  }
  PyObject* text = PyUnicode_New(static_cast<Py_ssize_t>(size), 127);
  if (text != nullptr) std::memcpy(PyUnicode_DATA(text), data, size);
  return text;
}

PyObject* KeyCache::get(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size >= longest) return new_text(data, size);
  std::uint64_t hash = size;
  std::uint64_t word = 0;
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    std::memcpy(&word, data + i, 8);
    hash = (hash ^ word) * 0x9E3779B97F4A7C15U;
  }
  word = 0;
  for (std::size_t shift = 0; i < size; ++i, shift += 8) word |= static_cast<std::uint64_t>(data[i]) << shift;
  hash = (hash ^ word) * 0x9E3779B97F4A7C15U;
  Ref& entry = entries_[hash >> 55];
  if (entry && static_cast<std::size_t>(PyUnicode_GET_LENGTH(entry.get())) == size &&
      std::memcmp(PyUnicode_DATA(entry.get()), data, size) == 0) {
    return entry.new_reference();
  }
  PyObject* text = new_text(data, size);
  if (text != nullptr && PyUnicode_IS_COMPACT_ASCII(text)) entry = Ref::borrow(text);
  return text;
}

}  // namespace brinery
