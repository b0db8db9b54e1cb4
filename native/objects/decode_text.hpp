// Text out of the stream: UTF-8 that is nearly always ASCII, and short.
#pragma once

#include <array>
#include <cstdint>

#include "objects/ref.hpp"

namespace brinery {

// Makes str objects.
class TextMaker {
 public:
  // Learns what the header of a short ASCII str looks like. Throws PythonError.
  TextMaker();
  // The str for these bytes, new reference; null with an exception where they are not UTF-8 (surrogates may pass).
  PyObject* make(const std::uint8_t* data, std::size_t size) const;

 private:
  PyASCIIObject header_{};
};

// Key strings met lately: short records say the same keys again and again.
class KeyCache {
 public:
  static constexpr std::size_t longest = 32;

  // Values above the mark of a dict beyond which its keys are data rather than names.
  static constexpr std::ptrdiff_t most_above = 128;

  // The str for these bytes, as the maker gives it.
  PyObject* get(const TextMaker& maker, const std::uint8_t* data, std::size_t size);
  void clear() {
    for (Ref& entry : entries_) entry.reset();
  }

 private:
  std::array<Ref, 512> entries_;
};

}  // namespace brinery
