// Tuples, lists, dicts and sets.
#include <algorithm>
#include <cstring>

#include "objects/decode_template.hpp"
#include "objects/decoder.hpp"
#include "objects/plan.hpp"

namespace brinery {

namespace {

// Keys whose hash and comparison run no foreign code.
bool is_simple_key(PyObject* key) {
  PyTypeObject* type = Py_TYPE(key);
  return type == &PyUnicode_Type || type == &PyLong_Type || type == &PyBytes_Type || type == &PyFloat_Type ||
         type == &PyBool_Type || key == Py_None;
}

// Appends values to a list, which takes over the references. A fresh list gets a block of just the right size, a
// list that grows by little, for its size, one with room to spare: as list.extend() does it.
void move_to_list(PyObject* list, PyObject** values, std::size_t count) {
  auto* fields = reinterpret_cast<PyListObject*>(list);
  const auto size = static_cast<std::size_t>(Py_SIZE(list));
  const std::size_t wanted = size + count;
  if (static_cast<std::size_t>(fields->allocated) < wanted) {
    const std::size_t room = count > wanted / 8 ? wanted : wanted + wanted / 8;
    void* items = PyMem_Realloc(fields->ob_item, room * sizeof(PyObject*));
    if (items == nullptr) throw std::bad_alloc();
    fields->ob_item = static_cast<PyObject**>(items);
    fields->allocated = static_cast<Py_ssize_t>(room);
  }
  std::memcpy(fields->ob_item + size, values, count * sizeof(PyObject*));
  Py_SET_SIZE(list, static_cast<Py_ssize_t>(wanted));
}

}  // namespace

void Decoder::load_tuple(std::size_t size) {
  require(size);
  push(pop_tuple(depth() - size));
}

// A tuple of the values from `from` on, or what is made with it at once.
void Decoder::load_arguments(std::size_t from) {
  if (!call_with_items(from)) push(pop_tuple(from));
}

// Appends the values from `from` on to the list, or list-like object, beneath them.
void Decoder::load_appends(std::size_t from) {
  if (from == 0 || from - 1 < fence_) fail_underflow();
  const std::size_t count = depth() - from;
  if (count == 0) return;
  PyObject* list = stack_[from - 1];
  if (PyList_CheckExact(list)) {
    if (in_.has(1) && *in_.cursor == op::BUILD && build_fields_from_items(from)) return;
    move_to_list(list, stack_ + from, count);
    top_ = stack_ + from;
    return;
  }
  ForeignCode foreign(*this);
  Ref target = Ref::borrow(list);
  Ref extend = lookup_attribute(target, state_.names.extend);
  if (extend) {
    Ref items = pop_list(from);
    Ref::checked(PyObject_CallOneArg(extend, items));
    return;
  }
  Ref append = get_attribute(target, state_.names.append);
  Ref items = pop_list(from);
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items.get()); ++i) {
    Ref::checked(PyObject_CallOneArg(append, PyList_GET_ITEM(items.get(), i)));
  }
}

void Decoder::load_additems(std::size_t from) {
  if (from == 0 || from - 1 < fence_) fail_underflow();
  if (depth() == from) return;
  if (PySet_CheckExact(stack_[from - 1]) && std::all_of(stack_ + from, top_, is_simple_key)) {
    for (PyObject** item = stack_ + from; item != top_; ++item) check_status(PySet_Add(stack_[from - 1], *item));
    return drop_to(from);
  }
  ForeignCode foreign(*this);
  Ref set = Ref::borrow(stack_[from - 1]);
  if (PySet_Check(set.get())) {
    Ref items = pop_tuple(from);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(items.get()); ++i) {
      check_status(PySet_Add(set, PyTuple_GET_ITEM(items.get(), i)));
    }
    return;
  }
  Ref add = get_attribute(set, state_.names.add);
  Ref items = pop_tuple(from);
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(items.get()); ++i) {
    Ref::checked(PyObject_CallOneArg(add, PyTuple_GET_ITEM(items.get(), i)));
  }
}

void Decoder::load_dict() {
  const std::size_t from = pop_mark();
  if ((depth() - from) % 2 != 0) fail("odd number of items for DICT");
  push(pop_dict(from));
}

void Decoder::load_setitems(std::size_t from) {
  if (from == 0 || from - 1 < fence_) fail_underflow();
  const bool unmade = stack_[from - 1] == unmade_dict();
  const std::size_t count = depth() - from;
  if (count % 2 != 0) {
    if (unmade) make_dict_at(from - 1);
    fail("odd number of items for SETITEMS");
  }
  if (unmade) {
    if (in_.has(1)) {
      if (*in_.cursor == op::BUILD && build_from_items(from)) return;
      if (*in_.cursor == op::TUPLE2 && build_slots_from_items(from)) return;
    }
    stack_[from - 1] = pop_dict(from).release();
    return;
  }
  if (count == 0) return;
  PyObject* target = stack_[from - 1];
  if (sets_items_as_dict(target)) {
    fill_dict(target, from);
    return drop_to(from);
  }
  ForeignCode foreign(*this);
  Ref object = Ref::borrow(target);
  Ref items = pop_tuple(from);
  for (Py_ssize_t i = 0; i + 1 < PyTuple_GET_SIZE(items.get()); i += 2) {
    check_status(PyObject_SetItem(object, PyTuple_GET_ITEM(items.get(), i), PyTuple_GET_ITEM(items.get(), i + 1)));
  }
}

// A new dict of the keys and values from `from` on, which it takes off the stack.
Ref Decoder::pop_dict(std::size_t from) {
  const std::size_t count = (depth() - from) / 2;
  const bool small = state_.layout_verified && count >= 2 && count <= DictTemplate::most_keys;
  if (small) {
    if (Ref dict = dict_from_template(from, count)) return dict;
  }
  Ref dict = Ref::checked(PyDict_New());
  fill_dict(dict, from);
  if (small && PyDict_GET_SIZE(dict.get()) == static_cast<Py_ssize_t>(count) && layout::is_unicode_table(dict)) {
    learn_template(from, count);
  }
  drop_to(from);
  return dict;
}

// Keys that come again become a template.
void Decoder::learn_template(std::size_t from, std::size_t count) {
  DictTemplate& last = cache_.template_for(stack_[from], count);
  const bool again = last.count == count && last.first_key.get() == stack_[from];
  last.dict.reset();
  last.keys.clear();
  last.count = count;
  last.first_key = Ref::borrow(stack_[from]);
  if (!again) return;
  for (std::size_t i = 0; i < count; ++i) last.keys.push_back(Ref::borrow(stack_[from + 2 * i]));
  Ref blank = Ref::checked(PyDict_New());
  for (const Ref& key : last.keys) check_status(PyDict_SetItem(blank, key, Py_None));
  if (layout::is_unicode_table(blank)) last.dict = std::move(blank);
}

// The same keys as a dict made before: its table is copied, and the values put where the keys are.
Ref Decoder::dict_from_template(std::size_t from, std::size_t count) {
  PyObject** items = stack_ + from;
  const DictTemplate& known = cache_.template_for(items[0], count);
  if (!known.dict || known.keys.size() != count) return {};
  for (std::size_t i = 0; i < count; ++i) {
    if (known.keys[i].get() != items[2 * i]) return {};
  }
  Ref dict = copy_with_values(known.dict, items, count);
  if (dict) top_ = stack_ + from;
  return dict;
}

void Decoder::fill_dict(PyObject* dict, std::size_t from) {
  const bool ordered = PyODict_CheckExact(dict) != 0;
  for (std::size_t i = from; i + 1 < depth(); i += 2) {
    if (is_simple_key(stack_[i])) {
      check_status(ordered ? PyODict_SetItem(dict, stack_[i], stack_[i + 1])
                           : PyDict_SetItem(dict, stack_[i], stack_[i + 1]));
      continue;
    }
    // hash and comparison may be anyone's; the stack may move meanwhile
    ForeignCode foreign(*this);
    Ref target = Ref::borrow(dict), key = Ref::borrow(stack_[i]), value = Ref::borrow(stack_[i + 1]);
    check_status(PyObject_SetItem(target, key, value));
  }
}

void Decoder::load_pop() {
  // A mark that nothing stands above is what is popped.
  if (!marks_.empty() && depth() == fence_) {
    pop_mark();
    return;
  }
  pop();
}

void Decoder::load_dup() {
  require(1);
  push(Ref::borrow(peek()));
}

}  // namespace brinery
