// Types whose instances somebody else gives their state: the builders of one call of decode().
#pragma once

#include <cstdint>

#include "objects/pymem.hpp"

namespace brinery {

class BuilderTable {
 public:
  // From a dict of types to callables, which is borrowed. Raises TypeError.
  explicit BuilderTable(PyObject* dict);
  // The builder for that very type, borrowed; or null.
  [[nodiscard]] PyObject* find(PyTypeObject* type) const {
    for (std::size_t at = slot_of(type); slots_[at].type != nullptr; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at].type == type) return slots_[at].builder;
    }
    return nullptr;
  }

 private:
  struct Slot {
    PyTypeObject* type = nullptr;
    PyObject* builder = nullptr;
  };
  [[nodiscard]] std::size_t slot_of(PyTypeObject* type) const {
    return (reinterpret_cast<std::uintptr_t>(type) >> 4) * 0x9E3779B97F4A7C15U >> 32 & (slots_.size() - 1);
  }

  Vector<Slot> slots_;  // a power of two of them, at least half empty
  Ref items_;           // keeps what is borrowed, whatever becomes of the dict
};

}  // namespace brinery
