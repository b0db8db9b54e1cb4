// What the encoder keeps between calls, one per interpreter.
#pragma once

#include <cstdint>

#include "objects/encode_message.hpp"
#include "objects/memo_table.hpp"
#include "objects/numpy_facts.hpp"
#include "objects/output.hpp"
#include "objects/plan.hpp"

namespace brinery {

class EncoderCache {
 public:
  Scratch scratch;
  MemoTable memo;
  bool memo_taken = false;
  PlanTable plans;
  MessageDoubts messages;
  // Changes with each call and whenever foreign code may have run: what was validated in one epoch holds until it
  // ends.
  std::uint64_t epoch = 0;

  // What is remembered of objects of a make, to treat the next one better.
  struct Experience {
    // Calls left that begin with everything memoised, because one had to start over lately; and how many the next time,
    // which doubles each time.
    std::uint16_t cautious_calls = 0;
    std::uint16_t next_cautious_calls = first_caution;
    std::size_t size = 0;  // of the last output
  };
  static constexpr std::uint16_t first_caution = 8;
  static constexpr std::uint16_t most_caution = 512;
  static constexpr std::size_t experience_count = 256;
  Experience experiences[experience_count];
  Experience& experience_with(PyObject* root) { return experiences[make_of(root) % experience_count]; }

 private:
  // A number for the types of an object and of its first part, and that one's first part: a list of orders is another
  // make than a list of words. A small dict is likely a message, known by its size.
  static std::size_t make_of(PyObject* object) {
    std::size_t number = 0;
    for (int level = 0; object != nullptr && level < 3; ++level) {
      number = (number ^ reinterpret_cast<std::uintptr_t>(Py_TYPE(object)) >> 4) * 0x9E3779B97F4A7C15U;
      if (PyDict_CheckExact(object) && PyDict_GET_SIZE(object) <= 16) {
        number += static_cast<std::size_t>(PyDict_GET_SIZE(object)) << 32;
        break;
      }
      object = first_part(object);
    }
    return number >> 32;
  }
  static PyObject* first_part(PyObject* object) {
    PyObject *key = nullptr, *value = nullptr;
    Py_ssize_t at = 0;
    if (PyList_CheckExact(object)) return PyList_GET_SIZE(object) > 0 ? PyList_GET_ITEM(object, 0) : nullptr;
    if (PyTuple_CheckExact(object)) return PyTuple_GET_SIZE(object) > 0 ? PyTuple_GET_ITEM(object, 0) : nullptr;
    if (PyDict_CheckExact(object) && PyDict_Next(object, &at, &key, &value) != 0) return value;
    return nullptr;
  }
};

}  // namespace brinery
