// Messages: small plain data, written in one go without plans, frames or a memo table.
//
// Dicts with str keys, lists and tuples of leaves, a few levels deep and within a kilobyte. No foreign code can run,
// so that everything met is borrowed. What turns out to be anything else is left to the Encoder from the start; the
// bytes are the ones that it writes.
#pragma once

#include <cstdint>

#include "objects/ref.hpp"

namespace brinery {

// Which makes of object were no messages after all, so that they are not tried each time.
class MessageDoubts {
 public:
  // Whether the object may be one. Only looks at its type and size.
  bool is_worth_trying(PyObject* object);
  void note_failure(PyObject* object);

 private:
  static constexpr std::size_t count = 64;
  static constexpr std::uint8_t calls_to_skip = 100;
  std::uint8_t& doubt_of(PyObject* object);
  std::uint8_t doubts_[count] = {};
};

// The whole pickle, or an empty reference where the object is no message. REQUIRES: protocol >= 4,
// State::layout_verified
Ref encode_message(PyObject* object, int protocol);

}  // namespace brinery
