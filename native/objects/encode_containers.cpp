// Lists, tuples, dicts and sets of the exact builtin types, and the item iterators of reduce values.
//
// Each advance_*() writes what it can and answers with the first part that needs begin(), or null when the
// container is whole, its closing opcode included.
#include "objects/encode_leaves.hpp"

namespace brinery {

namespace {

Frame frame_of(Kind kind, PyObject* object) {
  Frame frame{.kind = kind};
  frame.object = Ref::borrow(object);
  return frame;
}

}  // namespace

PyObject* Encoder::begin_list(PyObject* object) {
  const bool skip = skips(object);
  if (!skip && write_get_if_known(object)) return nullptr;
  if (binary_) {
    out_.op(op::EMPTY_LIST);
  } else {
    out_.op(op::MARK, op::LIST);
  }
  if (!skip) memoize(object);
  if (PyList_GET_SIZE(object) == 0) return nullptr;
  Frame frame = frame_of(Kind::list, object);
  frame.size = PyList_GET_SIZE(object);
  return start<&Encoder::advance_list>(frame);
}

PyObject* Encoder::advance_list(Frame& frame) {
  PyObject* list = frame.object.get();
  for (;;) {
    // The size is read anew each time: foreign code may have changed the list.
    // (A list of one is written as one, whatever becomes of it, as the stdlib has it.)
    const Py_ssize_t size = frame.size == 1 ? std::min(PyList_GET_SIZE(list), frame.size) : PyList_GET_SIZE(list);
    if (frame.left == 0 || frame.position >= size) {
      if (!open_batch(frame, size - frame.position, op::APPEND, op::APPENDS)) return nullptr;
    }
    PyObject* item = PyList_GET_ITEM(list, frame.position);
    prefetch_ahead(reinterpret_cast<PyListObject*>(list)->ob_item, frame.position, size);
    if (plain_ && binary_ && (PyFloat_CheckExact(item) || PyLong_CheckExact(item))) {
      // Rows of numbers need no dispatch for each.
      PyObject* const* items = reinterpret_cast<PyListObject*>(list)->ob_item + frame.position;
      const Py_ssize_t count = std::min(frame.left, size - frame.position);
      const Py_ssize_t done = PyFloat_CheckExact(item) ? save_float_run(items, count) : save_int_run(items, count);
      frame.position += done;
      frame.left -= done;
      if (done > 0) continue;
    }
    ++frame.position;
    --frame.left;
    if (PyObject* next = save_part(frame, item)) return next;
  }
}

PyObject* Encoder::begin_tuple(PyObject* object) {
  const Py_ssize_t size = PyTuple_GET_SIZE(object);
  if (size == 0) {
    if (binary_) {
      out_.op(op::EMPTY_TUPLE);
    } else {
      out_.op(op::MARK, op::TUPLE);
    }
    return nullptr;
  }
  const bool skip = skips(object);
  if (!skip && write_get_if_known(object)) return nullptr;
  if (size > 3 || protocol_ < 2) out_.op(op::MARK);
  Frame frame = frame_of(Kind::tuple, object);
  frame.memoize = !skip;
  return start<&Encoder::advance_tuple>(frame);
}

PyObject* Encoder::advance_tuple(Frame& frame) {
  PyObject* tuple = frame.object.get();
  const Py_ssize_t size = PyTuple_GET_SIZE(tuple);
  while (frame.position < size) {
    PyObject* item = PyTuple_GET_ITEM(tuple, frame.position);
    ++frame.position;
    if (item == nullptr) raise(PyExc_SystemError, "a tuple that is not whole yet can't be pickled");
    if (PyObject* next = save_part(frame, item)) return next;
  }
  if (frame.memoize) {
    finish_tuple(tuple);
  } else {
    static constexpr std::uint8_t closing[] = {op::EMPTY_TUPLE, op::TUPLE1, op::TUPLE2, op::TUPLE3};
    out_.op(size <= 3 && protocol_ >= 2 ? closing[size] : op::TUPLE);
  }
  return nullptr;
}

// Closes a tuple that goes into the memo. One that is there already contains itself: what has been put on the
// stack is dropped, and the finished one fetched.
void Encoder::finish_tuple(PyObject* tuple) {
  const Py_ssize_t size = PyTuple_GET_SIZE(tuple);
  const bool marked = size > 3 || protocol_ < 2;
  const std::int64_t index = memo_.find(tuple);
  if (index >= 0) {
    if (marked && binary_) {
      out_.op(op::POP_MARK);
    } else {
      out_.ops(op::POP, static_cast<std::size_t>(size) + (marked ? 1 : 0));
    }
    return write_get(index);
  }
  static constexpr std::uint8_t closing[] = {op::EMPTY_TUPLE, op::TUPLE1, op::TUPLE2, op::TUPLE3};
  out_.op(marked ? op::TUPLE : closing[size]);
  memoize_finished(tuple);
}

// Memoises an object whose parts had to be written before it. REQUIRES: it is absent or pending.
void Encoder::memoize_finished(PyObject* object) {
  if (options_.fast) return;
  if (memo_.find(object) == MemoTable::pending) return write_put(memo_.finish(object));
  memoize(object);
}

PyObject* Encoder::begin_dict(PyObject* object) {
  const bool skip = skips(object);
  if (!skip && write_get_if_known(object)) return nullptr;
  if (binary_) {
    out_.op(op::EMPTY_DICT);
  } else {
    out_.op(op::MARK, op::DICT);
  }
  if (!skip) memoize(object);
  if (PyDict_GET_SIZE(object) == 0) return nullptr;
  Frame frame = frame_of(Kind::dict, object);
  frame.size = PyDict_GET_SIZE(object);
  return start<&Encoder::advance_dict>(frame);
}

// Writes entries whose keys are str, as far as the values are leaves and the batch goes; no foreign code can run, so
// that the table stays what it is. True when it got as far as a value that is no leaf, its key being out.
// REQUIRES: plain_, layout::is_unicode_table(dict)
bool Encoder::save_leaf_entries(Frame& frame, PyObject* dict, PyObject*& key, PyObject*& value) {
  layout::Keys* keys = layout::dict_keys(dict);
  const layout::Entry* table = layout::entries(keys);
  const Py_ssize_t used = keys->used;
  Py_ssize_t position = frame.position;
  Py_ssize_t left = frame.left;
  bool leaves = true;
  if (position == 0) {
    for (Py_ssize_t i = 0; i < std::min(used, prefetch_distance); ++i) {
      prefetch(table[i].key);
      prefetch(table[i].value);
    }
  }
  while (leaves && left > 0 && position < used) {
    if (used - position > prefetch_distance) {
      prefetch(table[position + prefetch_distance].key);
      prefetch(table[position + prefetch_distance].value);
    }
    const layout::Entry entry = table[position++];
    if (entry.value == nullptr) continue;
    --left;
    save_str(entry.key);
    key = entry.key;
    value = entry.value;
    leaves = save_leaf(value);
  }
  frame.position = position;
  frame.left = left;
  return !leaves;
}

// stage 1: the key is out, its value waits in `current`; stage 2: the value is out, `current` is its key.
PyObject* Encoder::advance_dict(Frame& frame) {
  PyObject* dict = frame.object.get();
  if (frame.stage == 1) {
    frame.stage = 2;
    if (frame.watched && leave_dict_key(frame)) return finish_dict(frame);
    Ref value = frame.current;
    if (PyObject* next = save_part(frame, value)) return next;
  }
  for (;;) {
    // Looked at between batches, as the stdlib does; a dict of one is written as one, whatever becomes of it, but not
    // in protocol 0, which has an iterator over it.
    if (frame.left == 0 && frame.size == 1 && frame.done == 1 && binary_) break;
    if (frame.left == 0 && PyDict_GET_SIZE(dict) != frame.size) {
      raise(PyExc_RuntimeError, "dictionary changed size during iteration");
    }
    if (frame.left == 0 && frame.done < frame.size) open_dict_batch(frame);
    PyObject* key = nullptr;
    PyObject* value = nullptr;
    bool at_value = false;
    if (plain_ && state_.layout_verified && layout::is_unicode_table(dict)) {
      at_value = save_leaf_entries(frame, dict, key, value);
      if (!at_value && frame.left == 0 && frame.done < frame.size) continue;
    }
    if (!at_value) {
      const bool found = state_.layout_verified ? layout::next_entry(dict, frame.position, key, value)
                                                : PyDict_Next(dict, &frame.position, &key, &value) != 0;
      if (!found) {
        if (PyDict_GET_SIZE(dict) != frame.size) raise(PyExc_RuntimeError, "dictionary changed size during iteration");
        break;
      }
      // There are more than there should be when foreign code has put new ones in the place of old ones.
      if (frame.left == 0) open_dict_batch(frame);
      --frame.left;
      if (!plain_ || !save_leaf(key)) {
        frame.current = Ref::borrow(value);
        frame.stage = 1;
        watch(frame, key, frame.after != After::nothing);
        if (PyObject* next = descend(frame, key)) return next;
        if (frame.watched && leave_dict_key(frame)) break;
        value = frame.current;
      }
      at_value = !plain_ || !save_leaf(value);
    }
    if (at_value) {
      Ref hold = std::exchange(frame.current, Ref::borrow(key));
      frame.stage = 2;
      if (PyObject* next = descend(frame, value)) return next;
    }
  }
  return finish_dict(frame);
}

PyObject* Encoder::finish_dict(Frame& frame) {
  if (frame.closing != 0) out_.op(frame.closing);
  if (frame.after == After::call_with) finish_call(frame.object, op::TUPLE1, op::REDUCE, !frame.memoize);
  if (frame.after != After::build) return nullptr;
  out_.op(op::BUILD);
  return finish_instance(frame);
}

void Encoder::open_dict_batch(Frame& frame) {
  open_batch(frame, std::max<Py_ssize_t>(frame.size - frame.done, 1), op::SETITEM, op::SETITEMS);
  frame.done += frame.left;
}

PyObject* Encoder::begin_set(PyObject* object) {
  const bool skip = skips(object);
  if (!skip && write_get_if_known(object)) return nullptr;
  if (options_.canonical != nullptr) [[unlikely]]
    return begin_sorted_set(object);
  if (protocol_ < 4) {
    Ref items = Ref::checked(PySequence_List(object));
    return push_reduce(object, Ref::checked(Py_BuildValue("(O(O))", &PySet_Type, items.get())));
  }
  out_.op(op::EMPTY_SET);
  if (!skip) memoize(object);
  if (PySet_GET_SIZE(object) == 0) return nullptr;
  Frame frame = frame_of(Kind::set, object);
  frame.size = PySet_GET_SIZE(object);
  return start<&Encoder::advance_set>(frame);
}

PyObject* Encoder::begin_frozenset(PyObject* object) {
  const bool skip = skips(object);
  if (!skip && write_get_if_known(object)) return nullptr;
  if (options_.canonical != nullptr) [[unlikely]]
    return begin_sorted_set(object);
  if (protocol_ < 4) {
    Ref items = Ref::checked(PySequence_List(object));
    return push_reduce(object, Ref::checked(Py_BuildValue("(O(O))", &PyFrozenSet_Type, items.get())));
  }
  out_.op(op::MARK);
  const Py_ssize_t size = PySet_GET_SIZE(object);
  Frame frame = frame_of(Kind::frozenset, object);
  frame.size = size;
  frame.memoize = !skip;
  return start<&Encoder::advance_set>(frame);
}

// The elements in the next slots of a set's table, without a branch for each slot: which ones are in use is chance.
struct Encoder::SetRun {
  static constexpr Py_ssize_t most = 16;
  PyObject* elements[most];
  Py_ssize_t places[most];
  Py_ssize_t count = 0;

  SetRun(const PySetObject* set, Py_ssize_t from) {
    const Py_ssize_t end = std::min(from + most, set->mask + 1);
    for (Py_ssize_t at = from; at < end; ++at) {
      const setentry& entry = set->table[at];
      elements[count] = entry.key;
      places[count] = at;
      // Neither never used nor given up.
      const auto has_key = static_cast<Py_ssize_t>(entry.key != nullptr);
      const auto has_hash = static_cast<Py_ssize_t>(entry.hash != -1);
      count += has_key & has_hash;
    }
  }
};

// Writes the elements of a run as far as they are leaves; the first that is none, or null.
PyObject* Encoder::save_set_run(Frame& frame, const SetRun& run) {
  for (Py_ssize_t i = 0; i < run.count; ++i) {
    if (frame.kind == Kind::set && frame.left == 0) {
      if (frame.closing != 0) out_.op(frame.closing);
      out_.op(op::MARK);
      frame.closing = op::ADDITEMS;
      frame.left = batch_size;
    }
    --frame.left;
    if (plain_ && save_leaf(run.elements[i])) continue;
    frame.position = run.places[i] + 1;
    return run.elements[i];
  }
  frame.position += SetRun::most;
  return nullptr;
}

PyObject* Encoder::advance_set(Frame& frame) {
  auto* set = reinterpret_cast<PySetObject*>(frame.object.get());
  if (frame.watched) leave_element(frame);
  while (frame.position <= set->mask) {
    if (set->used != frame.size) raise(PyExc_RuntimeError, "Set changed size during iteration");
    PyObject* element = save_set_run(frame, SetRun(set, frame.position));
    if (element == nullptr) continue;
    frame.current = Ref::borrow(element);
    watch(frame, frame.current, frame.kind == Kind::frozenset);
    if (PyObject* next = descend(frame, frame.current)) return next;
    if (frame.watched) leave_element(frame);
  }
  if (frame.kind == Kind::frozenset) {
    finish_frozenset(frame);
  } else if (frame.closing != 0) {
    out_.op(frame.closing);
  }
  return nullptr;
}

// As finish_tuple: a frozenset may have been reached through its own items.
void Encoder::finish_frozenset(Frame& frame) {
  if (!frame.memoize) return out_.op(op::FROZENSET);
  if (const std::int64_t index = memo_.find(frame.object); index >= 0) {
    out_.op(op::POP_MARK);
    return write_get(index);
  }
  out_.op(op::FROZENSET);
  memoize_finished(frame.object);
}

// `object` is the iterator, `extra` the item fetched ahead, `current` the item being written; stage 1: exhausted.
PyObject* Encoder::advance_iterator(Frame& frame) {
  const auto next_item = [&] {
    enter_foreign_code();
    Ref item = Ref::steal(PyIter_Next(frame.object));
    if (!item && PyErr_Occurred() != nullptr) throw_python_error();
    return item;
  };
  for (;;) {
    Ref item;
    if (frame.left == 0) {
      if (frame.closing != 0) out_.op(std::exchange(frame.closing, std::uint8_t{0}));
      if (frame.stage == 1 || !(item = next_item())) return nullptr;
      if (binary_) frame.extra = next_item();
      if (binary_ && !frame.extra) frame.stage = 1;
      open_batch(frame, frame.extra ? batch_size : 1, op::APPEND, op::APPENDS);
    } else if (frame.extra) {
      item = std::move(frame.extra);
    } else if (!(item = next_item())) {
      out_.op(frame.closing);
      return nullptr;
    }
    --frame.left;
    frame.current = std::move(item);
    if (PyObject* next = save_part(frame, frame.current)) return next;
  }
}

Ref Encoder::next_pair(Frame& frame) {
  enter_foreign_code();
  Ref pair = Ref::steal(PyIter_Next(frame.object));
  if (!pair && PyErr_Occurred() != nullptr) throw_python_error();
  if (pair && (!PyTuple_Check(pair.get()) || PyTuple_GET_SIZE(pair.get()) != 2)) {
    raise(PyExc_TypeError, "dict items iterator must return 2-tuples");
  }
  return pair;
}

// As advance_iterator; `current` is the (key, value) pair, `position` the memo index of the dict. stage 1: exhausted;
// +2: the key is out.
PyObject* Encoder::advance_item_pairs(Frame& frame) {
  for (;;) {
    if ((frame.stage & 2) != 0) {
      frame.stage &= 1;
      if (frame.watched && leave_pair_key(frame)) return nullptr;
      PyObject* value = PyTuple_GET_ITEM(frame.current.get(), 1);
      if (PyObject* next = save_part(frame, value)) return next;
    }
    Ref pair;
    if (frame.left == 0) {
      if (frame.closing != 0) out_.op(std::exchange(frame.closing, std::uint8_t{0}));
      if (frame.stage == 1 || !(pair = next_pair(frame))) return nullptr;
      if (binary_) frame.extra = next_pair(frame);
      if (binary_ && !frame.extra) frame.stage = 1;
      open_batch(frame, frame.extra ? batch_size : 1, op::SETITEM, op::SETITEMS);
    } else if (frame.extra) {
      pair = std::move(frame.extra);
    } else if (!(pair = next_pair(frame))) {
      out_.op(frame.closing);
      return nullptr;
    }
    --frame.left;
    frame.current = std::move(pair);
    frame.stage |= 2;
    PyObject* key = PyTuple_GET_ITEM(frame.current.get(), 0);
    watch(frame, key, frame.position < 0);
    if (PyObject* next = save_part(frame, key)) return next;
  }
}

}  // namespace brinery
