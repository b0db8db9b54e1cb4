// How instances of a type are made and get their state back without asking Python.
//
// As the encoder's plans, these hold for one state of the type (its version tag).
#pragma once

#include <memory>

#include "objects/layout.hpp"
#include "objects/pymem.hpp"
#include "objects/state.hpp"

namespace brinery {

enum class Restore : std::uint8_t {
  general,     // look for __setstate__, then the default way
  plain,       // no __setstate__: attributes and slots
  field_list,  // dataclasses' own __setstate__ for frozen ones with slots
  uuid,        // UUID.__setstate__
  method,      // a __setstate__ that is a function of the class: called without binding it first
};

enum class Make : std::uint8_t {
  general,      // tp_new
  named_tuple,  // the __new__ that namedtuple() makes: tuple.__new__ of the arguments
  ordered_dict,
  counter,      // collections.Counter of a dict
  fraction,     // fractions.Fraction of two ints
  posix_path,   // pathlib.PurePosixPath or PosixPath of texts
  clock,        // datetime.datetime and time of bytes and a tzinfo
  syntax_node,  // the classes of the module ast
};

struct BuildPlan {
  PyTypeObject* type = nullptr;
  unsigned int tag = 0;
  Restore restore = Restore::general;
  Make make = Make::general;
  bool inline_attributes = false;  // layout::inline_attributes works for it
  bool plain_dict = false;         // the attributes are the entries of an ordinary dict, should there be one
  bool is_enum = false;            // calling it with a value looks the member up
  unsigned int metatype_tag = 0;   // of an enum
  Py_ssize_t field_count = 0;      // named_tuple
  // The keys of the last state dict, as the stream's own str objects, and where each belongs.
  Vector<Ref> seen_keys;
  Vector<std::uint8_t> indices;
  // field_list and uuid: offsets of the slots in the order of the state; plain: of the seen keys, if they are slots;
  // fraction and posix_path: of what the constructor sets
  Vector<Py_ssize_t> offsets;
  Ref unknown_safety;  // uuid: SafeUUID.unknown
  Ref blank_dict;      // plain, attributes in an ordinary dict: the seen keys, interned, each with None

  [[nodiscard]] bool is_current() const { return tag != 0 && type->tp_version_tag == tag; }
};

class BuildPlanTable {
 public:
  // The plan for a type, made if need be.
  BuildPlan& get(State& state, PyTypeObject* type) {
    const std::size_t first = slot_of(type);
    for (std::size_t i = 0; i < probes; ++i) {
      std::unique_ptr<BuildPlan>& slot = slots_[(first + i) % slot_count];
      if (!slot) return renew(state, slot, type);
      if (slot->type != type) continue;
      if (slot->is_current()) [[likely]]
        return *slot;
      return renew(state, slot, type);
    }
    return renew(state, slots_[(first + next_victim_++ % probes) % slot_count], type);
  }

 private:
  static constexpr std::size_t slot_count = 1024;
  static constexpr std::size_t probes = 4;
  static std::size_t slot_of(PyTypeObject* type) {
    return ((reinterpret_cast<std::uintptr_t>(type) >> 4) * 0x9E3779B97F4A7C15U >> 54) & (slot_count - 1);
  }
  static BuildPlan& renew(State& state, std::unique_ptr<BuildPlan>& slot, PyTypeObject* type);

  std::size_t next_victim_ = 0;
  std::unique_ptr<std::unique_ptr<BuildPlan>[]> slots_ = std::make_unique<std::unique_ptr<BuildPlan>[]>(slot_count);
};

}  // namespace brinery
