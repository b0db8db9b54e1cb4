#include "objects/decode_text.hpp"

#include <cstring>

#include "objects/decoder_cache.hpp"
#include "wire/writer.hpp"

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

// Short text is hashed and compared by its first and last bytes, which overlap: all of it up to 16 bytes.
struct Ends {
  std::uint64_t first, last;
  bool operator==(const Ends&) const = default;
};

// REQUIRES: size >= 2
inline Ends ends_of(const void* data, std::size_t size) {
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  const auto read = [&]<class Word>(Word first, Word last) {
    std::memcpy(&first, bytes, sizeof first);
    std::memcpy(&last, bytes + size - sizeof last, sizeof last);
    return Ends{first, last};
  };
  if (size >= 8) return read(std::uint64_t{}, std::uint64_t{});
  if (size >= 4) return read(std::uint32_t{}, std::uint32_t{});
  return read(std::uint16_t{}, std::uint16_t{});
}

inline bool is_short_ascii(const std::uint8_t* data, std::size_t size) {
  if (size > 16) return is_ascii(data, size);
  const Ends ends = ends_of(data, size);
  return ((ends.first | ends.last) & 0x8080808080808080U) == 0;
}

}  // namespace

TextMaker::TextMaker() {
  Ref sample = Ref::checked(PyUnicode_New(2, 127));
  header_ = *reinterpret_cast<PyASCIIObject*>(sample.get());
}

PyObject* TextMaker::make(const std::uint8_t* data, std::size_t size) const {
  // From some size on, CPython's own decoder does the same in one pass.
  if (size < 2 || size > 256 || !is_short_ascii(data, size)) {
    return PyUnicode_DecodeUTF8(reinterpret_cast<const char*>(data), static_cast<Py_ssize_t>(size), "surrogatepass");
  }
#if defined(Py_TRACE_REFS) || defined(Py_REF_DEBUG) || PY_VERSION_HEX >= 0x030D0000
  // Somebody counts, or may want to know of, every new object.
  PyObject* text = PyUnicode_New(static_cast<Py_ssize_t>(size), 127);
  if (text == nullptr) return nullptr;
  auto* to = reinterpret_cast<std::uint8_t*>(reinterpret_cast<PyASCIIObject*>(text) + 1);
  wire::copy_exactly(to, data, size);
#else
  auto* object = static_cast<PyASCIIObject*>(PyObject_Malloc(sizeof(PyASCIIObject) + size + 1));
  if (object == nullptr) return PyErr_NoMemory();
  *object = header_;
  object->ob_base.ob_refcnt = 1;
  object->length = static_cast<Py_ssize_t>(size);
  auto* to = reinterpret_cast<std::uint8_t*>(object + 1);
  wire::copy_exactly(to, data, size);
  to[size] = 0;
  auto* text = reinterpret_cast<PyObject*>(object);
#endif
  return text;
}

PyObject* KeyCache::get(const TextMaker& maker, const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size >= longest) return maker.make(data, size);
  const Ends ends = ends_of(data, size);
  const std::uint64_t hash = ((ends.first * 0x9E3779B97F4A7C15U) ^ (ends.last + size)) * 0x9E3779B97F4A7C15U;
  Ref& entry = entries_[hash >> 55];
  if (entry && static_cast<std::size_t>(PyUnicode_GET_LENGTH(entry.get())) == size) {
    const void* known = reinterpret_cast<PyASCIIObject*>(entry.get()) + 1;
    if (size <= 16 ? ends_of(known, size) == ends : std::memcmp(known, data, size) == 0) return entry.new_reference();
  }
  PyObject* text = maker.make(data, size);
  if (text != nullptr && PyUnicode_IS_COMPACT_ASCII(text)) entry = Ref::borrow(text);
  return text;
}

}  // namespace brinery
