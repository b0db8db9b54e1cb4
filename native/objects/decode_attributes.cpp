// Putting the attributes of a state dict where a fresh instance keeps them, without its __dict__.
#include "objects/decode_template.hpp"
#include "objects/decoder.hpp"

#include <structmember.h>  // needs Python.h before it

namespace brinery {

namespace {

// As many attributes as a class's shared keys ever have.
constexpr std::size_t most_attributes = 30;

Ref interned(PyObject* key) {
  PyObject* name = Py_NewRef(key);
  PyUnicode_InternInPlace(&name);
  return Ref::steal(name);
}

void drop_items(PyObject** items, std::size_t count) {
  for (std::size_t i = 0; i < 2 * count; ++i) Ref::steal(items[i]);
}

bool all_text(PyObject* const* items, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (!PyUnicode_CheckExact(items[2 * i])) return false;
  }
  return true;
}

void forget_keys(BuildPlan& plan) {
  plan.seen_keys.clear();
  plan.indices.clear();
  plan.offsets.clear();
  plan.blank_dict.reset();
}

// Finds out where in the instances of a class the keys of a state dict belong. False: not among the shared keys, or
// not distinct.
bool learn_keys(BuildPlan& plan, PyObject* const* items, std::size_t count) {
  layout::Keys* keys = layout::shared_keys(plan.type);
  forget_keys(plan);
  if (keys == nullptr || keys->kind != layout::split_keys) return false;
  const layout::Entry* entries = layout::entries(keys);
  std::uint64_t used = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Ref name = interned(items[2 * i]);
    Py_ssize_t index = 0;
    while (index < keys->used && entries[index].key != name.get()) ++index;
    if (index == keys->used || index >= 64 || (used >> index & 1) != 0) return false;
    used |= std::uint64_t{1} << index;
    plan.indices.push_back(static_cast<std::uint8_t>(index));
  }
  for (std::size_t i = 0; i < count; ++i) plan.seen_keys.push_back(Ref::borrow(items[2 * i]));
  return true;
}

// The same for keys that are slots.
bool learn_slots(BuildPlan& plan, PyObject* const* items, std::size_t count) {
  forget_keys(plan);
  if (plan.type->tp_setattro != PyObject_GenericSetAttr || !all_text(items, count)) return false;
  Vector<Py_ssize_t> offsets;
  for (std::size_t i = 0; i < count; ++i) {
    PyObject* found = _PyType_Lookup(plan.type, interned(items[2 * i]));
    if (found == nullptr || Py_TYPE(found) != &PyMemberDescr_Type) return false;
    const PyMemberDef* member = reinterpret_cast<PyMemberDescrObject*>(found)->d_member;
    if (member->type != T_OBJECT_EX || (member->flags & READONLY) != 0) return false;
    for (const Py_ssize_t offset : offsets) {
      if (offset == member->offset) return false;
    }
    offsets.push_back(member->offset);
  }
  for (std::size_t i = 0; i < count; ++i) plan.seen_keys.push_back(Ref::borrow(items[2 * i]));
  plan.offsets = std::move(offsets);
  return true;
}

// Sets attributes one by one, which teaches the class's shared keys. Not where something in the class would come
// between: a state goes to the instance's dict, whatever the class says.
bool set_one_by_one(const BuildPlan& plan, PyObject* object, PyObject* const* items, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    PyObject* found = _PyType_Lookup(plan.type, interned(items[2 * i]));
    if (found != nullptr && Py_TYPE(found)->tp_descr_set != nullptr) return false;
  }
  for (std::size_t i = 0; i < count; ++i) {
    check_status(PyObject_GenericSetAttr(object, interned(items[2 * i]), items[2 * i + 1]));
  }
  return true;
}

// Whether the instance has no attributes yet; such that has is asked for a __setstate__ of its own first.
bool is_fresh(const State& state, const BuildPlan& plan, PyObject* object) {
  if ((plan.type->tp_flags & Py_TPFLAGS_MANAGED_DICT) != 0) {
    return state.layout_verified && layout::managed_dict(object) == nullptr;
  }
  if (plan.type->tp_dictoffset <= 0) return false;
  PyObject* dict = *reinterpret_cast<PyObject**>(reinterpret_cast<char*>(object) + plan.type->tp_dictoffset);
  return dict == nullptr || (PyDict_CheckExact(dict) && PyDict_GET_SIZE(dict) == 0);
}

// Where a type without a managed dict keeps the pointer to it; null for other types.
PyObject** plain_dict_slot(const BuildPlan& plan, PyObject* object) {
  if ((plan.type->tp_flags & Py_TPFLAGS_MANAGED_DICT) != 0 || plan.type->tp_dictoffset <= 0) return nullptr;
  return reinterpret_cast<PyObject**>(reinterpret_cast<char*>(object) + plan.type->tp_dictoffset);
}

// Gives a fresh instance a dict with the keys that the last one had, by copying its table.
bool give_known_dict(const BuildPlan& plan, PyObject* object, PyObject** items, std::size_t count) {
  PyObject** slot = plain_dict_slot(plan, object);
  if (slot == nullptr || *slot != nullptr || !plan.blank_dict || plan.seen_keys.size() != count) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if (plan.seen_keys[i].get() != items[2 * i]) return false;
  }
  Ref dict = copy_with_values(plan.blank_dict, items, count);
  if (!dict) return false;
  *slot = dict.release();
  return true;
}

void learn_dict(BuildPlan& plan, PyObject* const* items, std::size_t count) {
  forget_keys(plan);
  plan.blank_dict = Ref::checked(PyDict_New());
  for (std::size_t i = 0; i < count; ++i) {
    check_status(PyDict_SetItem(plan.blank_dict, interned(items[2 * i]), Py_None));
    plan.seen_keys.push_back(Ref::borrow(items[2 * i]));
  }
  if (PyDict_GET_SIZE(plan.blank_dict.get()) != static_cast<Py_ssize_t>(count)) plan.blank_dict.reset();
}

}  // namespace

// Takes over the references of `count` pairs of keys and values. False: nothing has been done, the general way has to
// be taken. No foreign code runs.
bool Decoder::restore_items(BuildPlan& plan, PyObject* object, PyObject** items, std::size_t count) {
  layout::Attributes attributes;
  if (plan.inline_attributes) attributes = layout::inline_attributes(object);
  if (attributes.values != nullptr) {
    if (*attributes.size != 0) return false;
    bool same = plan.seen_keys.size() == count && plan.indices.size() == count;
    for (std::size_t i = 0; same && i < count; ++i) same = plan.seen_keys[i].get() == items[2 * i];
    if (!same) {
      if (!all_text(items, count)) return false;
      if (!learn_keys(plan, items, count)) {
        if (!set_one_by_one(plan, object, items, count)) return false;
        drop_items(items, count);
        return true;
      }
    }
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint8_t index = plan.indices[i];
      attributes.values[index] = items[2 * i + 1];
      attributes.append(index);
      Ref::steal(items[2 * i]);
    }
    return true;
  }
  if (!plan.plain_dict || !is_fresh(state_, plan, object) || !all_text(items, count)) return false;
  if (give_known_dict(plan, object, items, count)) return true;
  Ref dict = Ref::checked(PyObject_GenericGetDict(object, nullptr));
  for (std::size_t i = 0; i < count; ++i) check_status(PyDict_SetItem(dict, interned(items[2 * i]), items[2 * i + 1]));
  if (state_.layout_verified) learn_dict(plan, items, count);
  drop_items(items, count);
  return true;
}

// SETITEMS on an unmade dict with BUILD behind it: the keys and values go straight into the instance beneath. False:
// nothing has been done, the dict has to be made.
bool Decoder::build_from_items(std::size_t from) {
  if (from < 2 || from - 2 < fence_) return false;
  PyObject* object = stack_[from - 2];
  if (object == unmade_dict() || builder_of(object) != nullptr) return false;
  const std::size_t count = (depth() - from) / 2;
  BuildPlan& plan = cache_.build_plans.get(state_, Py_TYPE(object));
  if (count == 0 || count > most_attributes) return false;
  if (plan.restore == Restore::uuid) {
    if (count != 1 || !restore_uuid(plan, object, stack_[from], stack_[from + 1])) return false;
    drop_items(stack_ + from, count);
  } else if (plan.restore != Restore::plain || !restore_items(plan, object, stack_ + from, count)) {
    return false;
  }
  top_ = stack_ + (from - 1);
  opcode_ = in_.cursor++;  // BUILD
  return true;
}

// SETITEMS on an unmade dict with TUPLE2 and BUILD behind it, and None beneath: the state of an instance whose
// attributes are all slots. False as above.
bool Decoder::build_slots_from_items(std::size_t from) {
  if (from < 3 || from - 3 < fence_ || stack_[from - 2] != Py_None || stack_[from - 3] == unmade_dict()) return false;
  const std::size_t skipped = skippable_put(1);
  if (!in_.has(skipped + 2) || in_.cursor[skipped + 1] != op::BUILD) return false;
  PyObject* object = stack_[from - 3];
  if (builder_of(object) != nullptr) return false;
  const std::size_t count = (depth() - from) / 2;
  BuildPlan& plan = cache_.build_plans.get(state_, Py_TYPE(object));
  if (plan.restore != Restore::plain || plan.make != Make::general || count == 0 || count > most_attributes) {
    return false;
  }
  PyObject** items = stack_ + from;
  bool same = plan.offsets.size() == count && plan.seen_keys.size() == count;
  for (std::size_t i = 0; same && i < count; ++i) same = plan.seen_keys[i].get() == items[2 * i];
  if (!same && !learn_slots(plan, items, count)) return false;
  const auto slot = [&](std::size_t i) {
    return reinterpret_cast<PyObject**>(reinterpret_cast<char*>(object) + plan.offsets[i]);
  };
  for (std::size_t i = 0; i < count; ++i) {
    if (*slot(i) != nullptr) return false;  // what goes may run a finalizer
  }
  for (std::size_t i = 0; i < count; ++i) {
    *slot(i) = items[2 * i + 1];
    Ref::steal(items[2 * i]);
  }
  Ref::steal(stack_[from - 2]);  // None
  top_ = stack_ + (from - 2);
  next_index_ += skipped != 0 ? 1 : 0;
  in_.cursor += skipped + 1;
  opcode_ = in_.cursor++;  // BUILD
  return true;
}

// The same from a dict that has been made.
bool Decoder::restore_dict(BuildPlan& plan, PyObject* object, PyObject* dict) {
  const auto count = static_cast<std::size_t>(PyDict_GET_SIZE(dict));
  if (count == 0 || count > most_attributes) return false;
  PyObject* items[2 * most_attributes];
  PyObject *key = nullptr, *value = nullptr;
  std::size_t filled = 0;
  for (Py_ssize_t at = 0; PyDict_Next(dict, &at, &key, &value) != 0;) {
    items[filled++] = Py_NewRef(key);
    items[filled++] = Py_NewRef(value);
  }
  if (restore_items(plan, object, items, filled / 2)) return true;
  drop_items(items, filled / 2);
  return false;
}

}  // namespace brinery
