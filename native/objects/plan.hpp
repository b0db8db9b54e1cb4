// How the instances of a type are written without asking Python: one plan per type, found once, checked again each
// time foreign code may have changed what it rests on.
//
// A plan may only leave out calls whose outcome is foreseeable. It holds for one state of the type (its version
// tag covers the type and its bases), as long as copyreg has no reducer for the type and the type is still what its
// module and qualified name lead to.
#pragma once

#include <memory>
#include <string>

#include "objects/frame.hpp"
#include "objects/layout.hpp"
#include "objects/state.hpp"

namespace brinery {

enum class Shape : std::uint8_t {
  general,         // Python is asked
  trusted_reduce,  // Python is asked, but only code of the interpreter's own answers
  instance,        // object.__reduce_ex__: NEWOBJ, then the attributes or the slots
  own_getstate,    // the same with a __getstate__ of the class's own
  field_list,      // frozen dataclass with slots: NEWOBJ, then the list of fields
  named_tuple,     // NEWOBJ with the items
  tuple_value,     // other subclass of tuple: NEWOBJ with the tuple
  float_value,     // subclass of float with float.__getnewargs__
  int_value,
  str_value,
  enum_member,
  complex_number,
  date,
  time,
  date_time,
  time_delta,
  decimal,
  uuid,
  fraction,
  path,
  ordered_dict,
  counter,
  default_dict,
  deque,
  ast_node,
  array,   // numpy.ndarray
  scalar,  // numpy.generic
};

struct Slot {
  Ref name;
  Py_ssize_t offset;
};

struct Plan {
  PyTypeObject* type = nullptr;  // not owned; `tag` tells it from a later type at the same address
  unsigned int tag = 0;
  Shape shape = Shape::general;
  bool has_dict = false;
  bool reads_state = true;      // see below
  std::uint64_t validated = 0;  // the epoch in which the type was last seen to be importable
  Ref module_name, qualified_name;
  Vector<Slot> slots;
  // Shared keys that hold no name which would shadow a reduce method, and how many of them were looked at.
  const layout::Keys* checked_keys = nullptr;
  Py_ssize_t checked_key_count = 0;
  Py_ssize_t value_size = 0;  // scalar: bytes of its value
  Ref scalar_type;            // scalar: its dtype

  [[nodiscard]] bool is_current() const { return tag != 0 && type->tp_version_tag == tag; }
};

// What NumPy offers, learnt when its first object is met.
struct NumpyFacts;

class PlanTable {
 public:
  PlanTable();
  ~PlanTable();
  PlanTable(const PlanTable&) = delete;
  PlanTable& operator=(const PlanTable&) = delete;

  // The plan for a type if there is one, current or not; null otherwise.
  [[nodiscard]] Plan* find(PyTypeObject* type) const {
    for (std::size_t at = slot_of(type);; at = (at + 1) & (slot_count - 1)) {
      Plan* plan = slots_[at].get();
      if (plan == nullptr || plan->type == type) return plan;
    }
  }
  // Replaces whatever plan there was. Plans still in use by an encoder stay alive until none runs.
  Plan* put(std::unique_ptr<Plan> plan);

  void enter() { ++encoders_; }
  void leave() {
    if (--encoders_ == 0 && !retired_.empty()) retired_.clear();
  }

  std::unique_ptr<NumpyFacts> numpy;

 private:
  static constexpr std::size_t slot_count = 2048;
  static std::size_t slot_of(PyTypeObject* type) {
    return ((reinterpret_cast<std::uintptr_t>(type) >> 4) * 0x9E3779B97F4A7C15U >> 53) & (slot_count - 1);
  }

  std::unique_ptr<std::unique_ptr<Plan>[]> slots_;
  std::size_t used_ = 0;
  std::size_t encoders_ = 0;
  std::vector<std::unique_ptr<Plan>> retired_;
};

// Finds out how instances of a type can be written. Runs no code but the interpreter's own. `example` is one of them.
std::unique_ptr<Plan> make_plan(State& state, PlanTable& table, PyTypeObject* type, PyObject* example);

// Whether something of the type's own runs as an instance is given its state.
bool reads_state(const State& state, PyTypeObject* type);
// Whether copyreg has something to say about the type.
bool is_registered(const State& state, const Plan& plan);
// Whether the type is what its module and qualified name lead to; runs no foreign code, so that a false answer may just
// mean that only foreign code could tell.
bool is_importable(const State& state, const Plan& plan);
// module.a.b without running code: through the namespace of a plain module, then through plain classes. Borrowed, or
// null.
PyObject* plain_lookup(PyObject* module_name, PyObject* qualified_name);

// Whether a __getattribute__ found in a type is the ordinary one; builtin types have wrappers of their own around it.
inline bool is_generic_getattribute(PyObject* found) {
  return found != nullptr && Py_TYPE(found) == &PyWrapperDescr_Type &&
         reinterpret_cast<PyWrapperDescrObject*>(found)->d_wrapped == reinterpret_cast<void*>(PyObject_GenericGetAttr);
}

// A dict, or one of a subclass that leaves setting items to dict or OrderedDict.
inline bool sets_items_as_dict(PyObject* object) {
  if (PyDict_CheckExact(object) || PyODict_CheckExact(object)) return true;
  return PyDict_Check(object) &&
         Py_TYPE(object)->tp_as_mapping->mp_ass_subscript == PyDict_Type.tp_as_mapping->mp_ass_subscript;
}

// An object of the interpreter's own, or a list of a subclass that leaves adding items to list.
bool appends_as_list(const State& state, PyObject* object);

bool is_reduce_name(PyObject* name);

// Whether an instance attribute of this name would take the place of a reduce method.
inline bool shadows_reduce(PyObject* name) {
  if (!PyUnicode_Check(name)) return false;
  if (PyUnicode_IS_COMPACT_ASCII(name) && static_cast<const char*>(PyUnicode_DATA(name))[0] != '_') return false;
  return is_reduce_name(name);
}

// The step of a native frame in the path to a failing object, see encode_path.cpp.
std::string native_step_of(const Frame& frame);

}  // namespace brinery
