// Private CPython layouts that the fast paths read: instance attributes kept without a dict, and the entries of
// dicts whose keys are all str. Nothing here is relied on before verify() has seen it hold in the running
// interpreter; every user keeps a path through the public API for when it does not (State::layout_verified).
//
// Source: CPython Include/internal/pycore_dict.h and pycore_object.h of 3.11, 3.12 and 3.13.
#pragma once

#include <cstdint>

#include "objects/ref.hpp"

#if PY_VERSION_HEX >= 0x030B0000 && PY_VERSION_HEX < 0x030E0000 && !defined(Py_GIL_DISABLED)
#define BRINERY_KNOWS_LAYOUT 1
#else
#define BRINERY_KNOWS_LAYOUT 0
#endif

namespace brinery::layout {

// struct _dictkeysobject
struct Keys {
  Py_ssize_t refcount;
  std::uint8_t log2_size;
  std::uint8_t log2_index_bytes;
  std::uint8_t kind;
  std::uint32_t version;
  Py_ssize_t usable;
  Py_ssize_t used;  // entries handed out so far; in a class's shared keys, names any instance has had
  char indices[1];
};
enum KeysKind : std::uint8_t { general_keys = 0, unicode_keys = 1, split_keys = 2 };

struct Entry {  // PyDictUnicodeEntry
  PyObject* key;
  PyObject* value;  // null where deleted
};
struct GeneralEntry {  // PyDictKeyEntry
  Py_hash_t hash;
  PyObject* key;
  PyObject* value;
};

inline void* entries_start(Keys* keys) {
  return keys->indices + (static_cast<std::size_t>(1) << keys->log2_index_bytes);
}
// REQUIRES: keys->kind != general_keys
inline Entry* entries(Keys* keys) { return static_cast<Entry*>(entries_start(keys)); }
inline GeneralEntry* general_entries(Keys* keys) { return static_cast<GeneralEntry*>(entries_start(keys)); }

inline Keys* dict_keys(PyObject* dict) {
  return reinterpret_cast<Keys*>(reinterpret_cast<PyDictObject*>(dict)->ma_keys);
}
// A dict whose entries are (str key, value) pairs in one table.
inline bool is_unicode_table(PyObject* dict) {
  return reinterpret_cast<PyDictObject*>(dict)->ma_values == nullptr && dict_keys(dict)->kind == unicode_keys;
}

// The keys that instances of a heap type share; null when the type has none.
inline Keys* shared_keys(PyTypeObject* type) {
  return reinterpret_cast<Keys*>(reinterpret_cast<PyHeapTypeObject*>(type)->ht_cached_keys);
}

// The attributes of an instance that live in the instance itself, in the order they were set.
struct Attributes {
  PyObject** values = nullptr;  // null: this instance keeps no attributes here
  std::uint8_t* size = nullptr;
  std::uint8_t* order = nullptr;  // index of the i-th set attribute is order[i * step]
#if PY_VERSION_HEX >= 0x030D0000
  static constexpr std::ptrdiff_t step = 1;
#else
  static constexpr std::ptrdiff_t step = -1;
#endif
  [[nodiscard]] std::uint8_t index(std::ptrdiff_t i) const { return order[i * step]; }
  // Notes that values[index], null until now, has been set.
  void append(std::uint8_t index) const {
    order[*size * step] = index;
    ++*size;
  }
};

#if BRINERY_KNOWS_LAYOUT

// Whether instances of this type may keep attributes inline at all.
inline bool has_inline_attributes(PyTypeObject* type) {
#if PY_VERSION_HEX >= 0x030D0000
  return (type->tp_flags & Py_TPFLAGS_INLINE_VALUES) != 0;
#else
  return (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) != 0 && shared_keys(type) != nullptr;
#endif
}

// REQUIRES: has_inline_attributes(Py_TYPE(object)). Empty when the instance has a real dict by now.
inline Attributes inline_attributes(PyObject* object) {
  Attributes found;
#if PY_VERSION_HEX >= 0x030D0000
  struct Values {
    std::uint8_t capacity, size, embedded, valid;
    PyObject* values[1];
  };
  auto* values = reinterpret_cast<Values*>(reinterpret_cast<char*>(object) + sizeof(PyObject));
  if (reinterpret_cast<PyObject**>(object)[-3] != nullptr || values->valid == 0) return found;
  found.values = values->values;
  found.size = &values->size;
  found.order = reinterpret_cast<std::uint8_t*>(&values->values[values->capacity]);
#else
#if PY_VERSION_HEX >= 0x030C0000
  auto tagged = reinterpret_cast<std::uintptr_t*>(object)[-3];
  if ((tagged & 1) == 0) return found;
  auto* values = reinterpret_cast<PyObject**>(tagged + 1);
#else
  auto* values = reinterpret_cast<PyObject***>(object)[-4];
  if (values == nullptr) return found;
#endif
  found.values = values;
  found.size = reinterpret_cast<std::uint8_t*>(values) - 2;
  found.order = found.size - 1;
#endif
  return found;
}

// REQUIRES: type has Py_TPFLAGS_MANAGED_DICT. The dict such an instance has, borrowed, or null; never makes one.
inline PyObject* managed_dict(PyObject* object) {
#if PY_VERSION_HEX >= 0x030C0000 && PY_VERSION_HEX < 0x030D0000
  auto tagged = reinterpret_cast<std::uintptr_t*>(object)[-3];
  return (tagged & 1) != 0 ? nullptr : reinterpret_cast<PyObject*>(tagged);
#else
  return reinterpret_cast<PyObject**>(object)[-3];
#endif
}

#else

inline bool has_inline_attributes(PyTypeObject*) { return false; }
inline Attributes inline_attributes(PyObject*) { return {}; }
inline PyObject* managed_dict(PyObject*) { return nullptr; }

#endif

// PyDict_Next for dicts that keep their values in the table, inlined. REQUIRES: verify() held; key and value are
// borrowed.
inline bool next_entry(PyObject* dict, Py_ssize_t& position, PyObject*& key, PyObject*& value) {
#if BRINERY_KNOWS_LAYOUT
  if (reinterpret_cast<PyDictObject*>(dict)->ma_values == nullptr) {
    Keys* keys = dict_keys(dict);
    const auto find = [&](auto* table) {
      while (position < keys->used && table[position].value == nullptr) ++position;
      if (position >= keys->used) return false;
      key = table[position].key;
      value = table[position].value;
      ++position;
      return true;
    };
    return keys->kind == general_keys ? find(general_entries(keys)) : find(entries(keys));
  }
#endif
  return PyDict_Next(dict, &position, &key, &value) != 0;
}

// Makes a class and instances of it and looks whether all of the above reads them right. False: use the public
// API only. Throws PythonError if Python itself fails.
bool verify();

}  // namespace brinery::layout
