#include "objects/encoder.hpp"

#include "objects/canonical.hpp"
#include "objects/encode_leaves.hpp"

namespace brinery {

namespace {

// Only its address is ever looked at.
constinit PyObject parked_marker{};

// What is written is only compared, never loaded.
bool is_key(const EncoderOptions& options) { return options.canonical != nullptr && options.canonical->key_limit != 0; }

}  // namespace

PyObject* const Encoder::parked = &parked_marker;

Encoder::Encoder(State& state, const EncoderOptions& options, MemoTable& memo, Output& out, bool skip_unique)
    : state_(state),
      cache_(*state.encoder_cache),
      options_(options),
      memo_(memo),
      out_(out),
      protocol_(options.protocol),
      binary_(options.protocol >= 1),
      plain_(options.persistent_id == nullptr),
      native_(options.protocol >= 4 && options.reducer_override == nullptr && options.dispatch_table == nullptr &&
              !options.fast && plain_ && options.canonical == nullptr),
      memoises_names_(options.protocol >= 4 && !options.fast && options.canonical == nullptr),
      skips_text_(options.protocol >= 4 && options.canonical == nullptr),
      defers_(options.protocol >= 4 && options.reduce != nullptr && plain_ && !options.fast && !is_key(options)),
      skip_unique_(skip_unique),
      epoch_(++cache_.epoch) {
  cache_.plans.enter();
}

void Encoder::encode(PyObject* root) {
  for (;;) {
    try {
      if (protocol_ >= 2) out_.op_u8(op::PROTO, static_cast<std::uint8_t>(protocol_));
      if (protocol_ >= 4) out_.start_framing();
      run(root);
      out_.op(op::STOP);
      return;
    } catch (const Restart&) {
      stack_.clear();
      parked_frames_.clear();
      open_.clear();
      recursion_ = 0;
      user_nesting_ = 0;
      skip_unique_ = skipped_ = false;
      memo_.clear();
      out_.restart();
      if (options_.globals != nullptr) {
        check_status(PyList_SetSlice(options_.globals, 0, PY_SSIZE_T_MAX, nullptr));
      }
      auto& experience = cache_.experience_with(root);
      experience.cautious_calls = experience.next_cautious_calls;
      if (experience.next_cautious_calls < EncoderCache::most_caution) experience.next_cautious_calls *= 2;
    } catch (const PythonError&) {
      note_place(root);
      throw;
    }
  }
}

void Encoder::run(PyObject* root, std::size_t base) {
  const int outer_recursion = std::exchange(recursion_, 0);
  PyObject* next = root;
  for (;;) {
    while (next != nullptr && next != parked) {
      next = begin(next);
      unpark();
    }
    if (stack_.size() == base) break;
    next = resume(stack_.back());
    if (next == nullptr) {
      pop();
    } else {
      unpark();
    }
  }
  recursion_ = outer_recursion;
}

void Encoder::unpark() {
  while (!parked_frames_.empty()) {
    push(std::move(parked_frames_.back()));
    parked_frames_.pop_back();
  }
}

// After a failure: only the order matters.
void Encoder::unpark_quietly() {
  while (!parked_frames_.empty()) {
    stack_.push_back(std::move(parked_frames_.back()));
    parked_frames_.pop_back();
  }
}

void Encoder::push(Frame&& frame) {
  if (options_.fast && frame.object && stack_.size() >= fast_nesting_limit) {
    if (!fast_open_) fast_open_ = Ref::checked(PySet_New(nullptr));
    Ref key = Ref::checked(PyLong_FromVoidPtr(frame.object.get()));
    if (check_status(PySet_Contains(fast_open_, key)) != 0) {
      raise(PyExc_ValueError, "fast mode: can't pickle cyclic objects including object type %.200s at %p",
            Py_TYPE(frame.object.get())->tp_name, frame.object.get());
    }
    check_status(PySet_Add(fast_open_, key));
  }
  stack_.push_back(std::move(frame));
}

void Encoder::pop() {
  Frame done = std::move(stack_.back());
  stack_.pop_back();
  if (options_.fast && done.object && stack_.size() >= fast_nesting_limit) {
    check_status(PySet_Discard(fast_open_, Ref::checked(PyLong_FromVoidPtr(done.object.get()))));
  }
}

PyObject* Encoder::begin(PyObject* object) {
  if (!plain_ && begin_persistent(object)) return nullptr;
  return begin_unhooked(object);
}

// Writes a part of a container in place, as far as recursion may go. Null when that was all of it.
PyObject* Encoder::descend(Frame& frame, PyObject* part) {
  if (frame.memoize && skip_unique_ && !frame.begun) {
    // Met again from within, it has to be noticed.
    frame.begun = true;
    memo_.begin(frame.object);
  }
  if (recursion_ >= most_recursion) return part;
  const std::size_t before = parked_frames_.size();
  ++recursion_;
  PyObject* next = begin(part);
  --recursion_;
  return next == nullptr && parked_frames_.size() != before ? parked : next;
}

PyObject* Encoder::begin_unhooked(PyObject* object) {
  if (save_leaf(object)) return nullptr;
  PyTypeObject* type = Py_TYPE(object);
  if (type == &PyDict_Type) return begin_dict(object);
  if (type == &PyList_Type) return begin_list(object);
  if (type == &PyTuple_Type) return begin_tuple(object);
  if (type == &PyBytes_Type) return begin_bytes(object);
  return begin_other(object);
}

PyObject* Encoder::begin_other(PyObject* object) {
  PyTypeObject* type = Py_TYPE(object);
  if (type == &PySet_Type) return begin_set(object);
  if (type == &PyFrozenSet_Type) return begin_frozenset(object);
  if (type == &PyByteArray_Type) return begin_bytearray(object);
  if (type == &PyPickleBuffer_Type) {
    save_picklebuffer(object);
    return nullptr;
  }
  if (native_) {
    bool handled = false;
    PyObject* next = begin_native(object, handled);
    if (handled) return next;
  }
  return begin_generic(object);
}

PyObject* Encoder::resume(Frame& frame) {
  switch (frame.kind) {
    case Kind::list: return advance_list(frame);
    case Kind::tuple: return advance_tuple(frame);
    case Kind::dict: return advance_dict(frame);
    case Kind::set:
    case Kind::frozenset: return frame.extra ? advance_sorted_set(frame) : advance_set(frame);
    case Kind::iterator: return advance_iterator(frame);
    case Kind::item_pairs: return advance_item_pairs(frame);
    case Kind::reduce: return advance_reduce(frame);
    case Kind::persistent: return advance_persistent(frame);
    case Kind::global:
    case Kind::global_path: return advance_global(frame);
    default: return advance_native(frame);
  }
}

void Encoder::save_whole(PyObject* object) { run(object, stack_.size()); }

void Encoder::enter_foreign_code() {
  if (skip_unique_) {
    if (skipped_) throw Restart{};
    skip_unique_ = false;
  }
  epoch_ = ++cache_.epoch;
}

}  // namespace brinery
