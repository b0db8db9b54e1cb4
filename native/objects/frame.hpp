// The encoder's explicit stack: one frame for each object whose parts are being written, so that depth is limited
// by memory and never by the C stack.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>

#include "objects/pymem.hpp"

namespace brinery {

struct Plan;

enum class Kind : std::uint8_t {
  list,         // items by position
  tuple,        // items by position
  dict,         // PyDict_Next position
  set,          // table position
  frozenset,    // table position
  iterator,     // listitems of a reduce value
  item_pairs,   // dictitems of a reduce value
  reduce,       // a reduce value, stage by stage
  persistent,   // a persistent id, then BINPERSID
  global_path,  // protocols below 4: getattr(getattr(top, a), b)
  global,       // protocol 4: a module or qualified name that was not leaf text
  attributes,   // instance attributes kept inline
  slots,        // instance slots
  state,        // what __getstate__ answered, then BUILD
  arguments,    // constructor arguments of a native plan: a fresh tuple, never memoised as such
  field_list,   // the state list of a frozen dataclass with slots
  ordered,      // an OrderedDict, by its list of keys
  late,         // keys that have waited for an object, see open_instances.hpp
};

// What follows a frame's parts.
enum class After : std::uint8_t {
  nothing,
  build,      // the dict was the state of an instance: BUILD
  call_with,  // the dict is the only argument of a call: TUPLE1 REDUCE
  items,      // the object is a dict that was made by a call: its items
  state,      // the object was made by a call: its state
};

struct Frame {
  Kind kind;
  std::uint8_t stage = 0;
  std::uint8_t closing = 0;  // opcode that ends the batch or the whole
  bool memoize = false;      // tuple-like: the memo is asked for at the end
  bool begun = false;        // it stands in the memo as pending
  After after = After::nothing;
  bool open = false;     // the object it gives a state stands in the encoder's open instances
  bool watched = false;  // so does the part that is being written
  Py_ssize_t position = 0;
  Py_ssize_t left = 0;  // items left in this batch
  Py_ssize_t done = 0;  // items handed to batches so far
  Py_ssize_t size = 0;  // expected size, to notice changes
  const Plan* plan = nullptr;
  Ref object;   // what is being written
  Ref extra;    // iterator, normalised reduce value, or the like
  Ref current;  // key or value put aside while its partner is being written
};

// The frames on the stack. They stay where they are while others come and go above them. Nothing is allocated before
// the first: small objects never push one.
class FrameStack {
 public:
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] std::size_t size() const { return frames_ ? frames_->size() : 0; }
  [[nodiscard]] Frame& back() { return frames_->back(); }
  [[nodiscard]] const Frame& operator[](std::size_t i) const { return (*frames_)[i]; }
  void push_back(Frame&& frame) {
    if (!frames_) frames_ = std::make_unique<Frames>();
    frames_->push_back(std::move(frame));
  }
  void pop_back() { frames_->pop_back(); }
  void clear() { frames_.reset(); }

 private:
  using Frames = std::deque<Frame, PyMemAllocator<Frame>>;
  std::unique_ptr<Frames> frames_;
};

}  // namespace brinery
