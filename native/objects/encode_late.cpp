// Keys that are added to their containers once the objects that they reach are whole, see open_instances.hpp.
//
// What is written for such a key stays where it is, so that the memo has it, but it is popped; after the BUILD of the
// object comes: the container from the memo, MARK, the key from the memo, its value, SETITEMS or ADDITEMS, POP. A dict
// keeps its order: all that follows the key waits too.
#include "objects/encode_leaves.hpp"

namespace brinery {

// Ends what was watched since watch(). Answers with the key when it waits: it is off the stack then.
std::optional<OpenInstances::Waiting> Encoder::leave_key(Frame& frame, PyObject* container) {
  frame.watched = false;
  auto waiting = open_.leave();
  if (!waiting || !waiting->key) return std::nullopt;
  if (memo_.find(container) < 0 || memo_.find(waiting->key) < 0) {
    if (skip_unique_) throw Restart{};
    return std::nullopt;
  }
  out_.op(op::POP);
  return waiting;
}

void Encoder::leave_element(Frame& frame) {
  PyObject* set = frame.object;
  if (auto waiting = leave_key(frame, set)) open_.wait(waiting->position, {set, std::move(waiting->key), Ref()});
}

// True when the key of a dict waits, and the rest with it. `current` is its value.
bool Encoder::leave_dict_key(Frame& frame) {
  PyObject* dict = frame.object;
  auto waiting = leave_key(frame, dict);
  if (!waiting) return false;
  open_.wait(waiting->position, {dict, std::move(waiting->key), std::move(frame.current)});
  PyObject *key = nullptr, *value = nullptr;
  while (PyDict_Next(dict, &frame.position, &key, &value) != 0) {
    open_.wait(waiting->position, {dict, Ref::borrow(key), Ref::borrow(value)});
  }
  if (frame.closing == op::SETITEM) frame.closing = 0;
  return true;
}

// As leave_dict_key, for the items of a reduce value; `current` is the pair, `extra` the one fetched ahead.
bool Encoder::leave_pair_key(Frame& frame) {
  PyObject* container = memo_.objects()[static_cast<std::size_t>(frame.position)].get();
  const auto waiting = leave_key(frame, container);
  if (!waiting) return false;
  for (Ref pair = std::move(frame.current); pair; pair = frame.extra ? std::move(frame.extra) : next_pair(frame)) {
    open_.wait(waiting->position,
               {container, Ref::borrow(PyTuple_GET_ITEM(pair.get(), 0)), Ref::borrow(PyTuple_GET_ITEM(pair.get(), 1))});
  }
  if (frame.closing == op::SETITEMS) out_.op(op::SETITEMS);
  return true;
}

// The object whose frame this was is whole: adds what has waited for it.
PyObject* Encoder::finish_open(Frame& frame) {
  const bool waited_for = open_.finish();
  if (!waited_for) {
    open_.close();
    return nullptr;
  }
  frame = Frame{.kind = Kind::late};
  return advance_late(frame);
}

// `object` is the container whose batch is open, `position` of the next item; stage 1: the key is out.
PyObject* Encoder::advance_late(Frame& frame) {
  Vector<LateItem>& items = open_.late_items();
  for (;;) {
    if (frame.stage == 1) {
      frame.stage = 0;
      LateItem& item = items[static_cast<std::size_t>(frame.position - 1)];
      if (frame.watched && wait_again(frame, items)) continue;
      if (item.value) {
        if (PyObject* next = save_part(frame, item.value)) return next;
      }
    }
    const bool done = static_cast<std::size_t>(frame.position) == items.size();
    if (done || items[static_cast<std::size_t>(frame.position)].container != frame.object) {
      if (frame.object) out_.op(frame.closing, op::POP);
      if (done) break;
      open_late_batch(frame, items[static_cast<std::size_t>(frame.position)]);
    }
    frame.current = items[static_cast<std::size_t>(frame.position)].key;
    ++frame.position;
    frame.stage = 1;
    if (plain_ && save_leaf(frame.current)) continue;
    watch(frame, frame.current, false);
    if (PyObject* next = descend(frame, frame.current)) return next;
  }
  open_.close();
  return nullptr;
}

void Encoder::open_late_batch(Frame& frame, const LateItem& first) {
  frame.object = Ref::borrow(first.container);
  frame.closing = first.value ? op::SETITEMS : op::ADDITEMS;
  write_get(memo_.find(first.container));
  out_.op(op::MARK);
}

// True when the key that is out reaches an object further out, and waits for that one; of a dict, with all that follow.
bool Encoder::wait_again(Frame& frame, Vector<LateItem>& items) {
  const auto waiting = leave_key(frame, frame.object);
  if (!waiting) return false;
  auto at = static_cast<std::size_t>(frame.position - 1);
  const bool in_order = static_cast<bool>(items[at].value);
  do {
    open_.wait(waiting->position, std::move(items[at++]));
  } while (in_order && at < items.size() && items[at].container == frame.object);
  frame.position = static_cast<Py_ssize_t>(at);
  return true;
}

}  // namespace brinery
