#include "objects/decoder.hpp"

#include "objects/collector.hpp"

#include <algorithm>

namespace brinery {

namespace {

constinit PyObject unmade_marker{};
constexpr std::size_t pause_from = 4096;  // bytes of a pickle
constexpr std::size_t kept_stack = 4096;  // values of stack memory kept between calls

}  // namespace

// Only its address is ever looked at.
PyObject* Decoder::unmade_dict() { return &unmade_marker; }

Decoder::Decoder(State& state, const DecoderOptions& options, DecodeMemo& memo, wire::Reader& in, FileSource* source,
                 const wire::Scan* fetched)
    : state_(state),
      cache_(*state.decoder_cache),
      options_(options),
      memo_(memo),
      in_(in),
      source_(source),
      fetched_(fetched),
      begin_(in.cursor),
      pause_(source != nullptr || in.has(pause_from)) {
  if (!cache_.stack_lent) {
    cache_.stack_lent = borrowed_memory_ = true;
    memory_.swap(cache_.stack);
    marks_.swap(cache_.marks);
  }
  if (memory_.size() < kept_stack / 16) memory_.resize(kept_stack / 16);
  stack_ = top_ = memory_.data();
  stack_end_ = stack_ + memory_.size();
  if (fetched_ != nullptr) memo_.make_room(fetched_->fetch_end);
}

Decoder::~Decoder() {
  if (top_ != stack_) {
    pause_.resume();
    drop_to(0);
    pause_.pause();
  }
  if (borrowed_memory_) {
    if (memory_.size() <= kept_stack) memory_.swap(cache_.stack);
    marks_.clear();
    if (marks_.capacity() <= kept_stack) marks_.swap(cache_.marks);
    cache_.stack_lent = false;
  }
}

void Decoder::grow_stack() {
  const std::size_t used = depth();
  memory_.resize(memory_.size() + memory_.size() / 2);
  stack_ = memory_.data();
  top_ = stack_ + used;
  stack_end_ = stack_ + memory_.size();
}

void Decoder::drop_to(std::size_t depth_wanted) {
  while (depth() > depth_wanted) {
    PyObject* value = *--top_;
    if (value != unmade_dict()) Ref::steal(value);
  }
}

// A dict about to get its first items, made or not.
inline bool Decoder::is_empty_dict(PyObject* object) {
  return object == unmade_dict() || (Py_TYPE(object) == &PyDict_Type && PyDict_GET_SIZE(object) == 0);
}

void Decoder::push_mark() {
  const bool keys = depth() > fence_ && is_empty_dict(peek());
  marks_.push_back({fence_, keys_above_});
  fence_ = depth();
  keys_above_ = keys;
}

std::size_t Decoder::pop_mark_keeping_unmade() {
  if (marks_.empty()) [[unlikely]]
    fail("could not find MARK");
  const std::size_t from = fence_;
  fence_ = marks_.back().position;
  keys_above_ = marks_.back().keys;
  marks_.pop_back();
  return from;
}

std::size_t Decoder::pop_mark() {
  const std::size_t from = pop_mark_keeping_unmade();
  if (from > 0) make_dict_at(from - 1);
  return from;
}

void Decoder::make_dict_at(std::size_t position) {
  if (stack_[position] == unmade_dict()) stack_[position] = Ref::checked(PyDict_New()).release();
}

Ref Decoder::pop_tuple(std::size_t from) {
  const std::size_t count = depth() - from;
  Ref tuple = Ref::checked(PyTuple_New(static_cast<Py_ssize_t>(count)));
  for (std::size_t i = 0; i < count; ++i) PyTuple_SET_ITEM(tuple.get(), static_cast<Py_ssize_t>(i), stack_[from + i]);
  top_ = stack_ + from;
  untrack_if_atomic(tuple);
  return tuple;
}

Ref Decoder::pop_list(std::size_t from) {
  const std::size_t count = depth() - from;
  Ref list = Ref::checked(PyList_New(static_cast<Py_ssize_t>(count)));
  for (std::size_t i = 0; i < count; ++i) PyList_SET_ITEM(list.get(), static_cast<Py_ssize_t>(i), stack_[from + i]);
  top_ = stack_ + from;
  return list;
}

Ref Decoder::decode() {
  try {
    Ref result = run();
    if (source_ != nullptr) {
      ForeignCode foreign(*this);
      source_->settle(in_);
    }
    if (pause_.is_in_force() && !state_.old_generation.take_young()) {
      // What the collector was kept from it does at the next allocation it counts; in a loop of loads there may be
      // none.
      pause_.resume();
      Ref::checked(PyCell_New(nullptr));
    }
    return result;
  } catch (const PythonError&) {
    note_place();
    throw;
  }
}

}  // namespace brinery
