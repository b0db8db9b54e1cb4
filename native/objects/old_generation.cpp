#include "objects/old_generation.hpp"

#include <algorithm>

namespace brinery {

namespace {

Py_ssize_t to_number(PyObject* number) {
  const Py_ssize_t value = PyLong_AsSsize_t(number);
  if (value == -1 && PyErr_Occurred() != nullptr) throw_python_error();
  return value;
}

Py_ssize_t first_of(PyObject* function) {
  Ref numbers = Ref::checked(PyObject_CallNoArgs(function));
  return to_number(check(PyTuple_GetItem(numbers, 0)));
}

}  // namespace

void OldGeneration::load() {
  // From 3.14 on, and without the GIL, the collector has no generations of this kind.
#if PY_VERSION_HEX < 0x030E0000 && !defined(Py_GIL_DISABLED)
  Ref gc = import_module("gc");
  get_count_ = get_attribute(gc, "get_count");
  get_threshold_ = get_attribute(gc, "get_threshold");
  get_stats_ = get_attribute(gc, "get_stats");
  get_freeze_count_ = get_attribute(gc, "get_freeze_count");
  freeze_ = get_attribute(gc, "freeze");
  unfreeze_ = get_attribute(gc, "unfreeze");
#endif
}

bool OldGeneration::take_young() {
  if (!unfreeze_) return false;
  const Py_ssize_t young = first_of(get_count_);
  if (young < fewest || young <= first_of(get_threshold_)) return false;
  if (is_limit_reached() || is_somebody_freezing()) return false;
  Ref::checked(PyObject_CallNoArgs(freeze_));
  Ref::checked(PyObject_CallNoArgs(unfreeze_));
  taken_ += young;
  return true;
}

bool OldGeneration::is_limit_reached() {
  Ref stats = Ref::checked(PyObject_CallNoArgs(get_stats_));
  PyObject* oldest = check(PyList_GetItem(stats, PyList_GET_SIZE(stats.get()) - 1));
  const Py_ssize_t collections = to_number(Ref::checked(PyMapping_GetItemString(oldest, "collections")));
  if (collections != collections_) {
    collections_ = collections;
    taken_ = 0;
  }
  return taken_ >= most_between_collections;
}

// Objects that a program has frozen must stay so: unfreeze() knows no difference. Counting them takes as long as there
// are many, so that it is done less and less often.
bool OldGeneration::is_somebody_freezing() {
  if (wait_ > 0) {
    --wait_;
    return true;
  }
  if (to_number(Ref::checked(PyObject_CallNoArgs(get_freeze_count_))) <= most_frozen_at_start) {
    next_wait_ = 1;
    return false;
  }
  wait_ = next_wait_;
  next_wait_ = std::min(next_wait_ * 2, longest_wait);
  return true;
}

int OldGeneration::traverse(visitproc visit, void* arg) const {
  for (const Ref* ref : {&get_count_, &get_threshold_, &get_stats_, &get_freeze_count_, &freeze_, &unfreeze_}) {
    if (int status = ref->visit(visit, arg); status != 0) return status;
  }
  return 0;
}

void OldGeneration::clear() {
  for (Ref* ref : {&get_count_, &get_threshold_, &get_stats_, &get_freeze_count_, &freeze_, &unfreeze_}) ref->reset();
}

}  // namespace brinery
