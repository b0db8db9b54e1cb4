// What one import of the core owns: nothing is global to the process, so that each interpreter has its own.
#pragma once

#include <memory>

#include "objects/old_generation.hpp"
#include "objects/ref.hpp"

namespace brinery {

class EncoderCache;   // objects/encoder_cache.hpp
struct DecoderCache;  // objects/decoder_cache.hpp
namespace checker {
class Renames;  // check/globals.hpp
struct Memory;  // check/machine.hpp
}  // namespace checker

// Attribute names and other constant strings, interned once.
// clang-format off
#define BRINERY_NAMES(X)                                                                                               \
  X(__reduce_ex__)                                                                                                     \
  X(__reduce__)                                                                                                        \
  X(__getstate__) X(__setstate__) X(__getnewargs__) X(__getnewargs_ex__) X(__class__) X(__dict__) X(__name__)          \
      X(__qualname__) X(__module__) X(__new__) X(__slots__) X(__slotnames__) X(__newobj__) X(__newobj_ex__)            \
          X(__main__) X(__getattribute__) X(__getattr__) X(__setattr__) X(__init__) X(__getinitargs__)                 \
              X(persistent_id) X(persistent_load) X(reducer_override) X(dispatch_table) X(find_class) X(write) X(read) \
                  X(readline) X(readinto) X(peek) X(append) X(extend) X(add) X(update) X(items) X(partial) X(getattr)  \
                      X(modules) X(_value2member_map_) X(__brinery_reduce__) X(numpy) X(dtype) X(ndarray) X(hasobject)       \
                          X(kind) X(itemsize) X(nbytes) X(base) X(names) X(subdtype)
// clang-format on

struct Names {
#define X(name) Ref name;
  BRINERY_NAMES(X)
#undef X
};

struct State {
  Names names;

  // The stdlib's own exceptions: a drop-in raises the very same types.
  Ref pickle_error, pickling_error, unpickling_error;

  // copyreg's live tables.
  Ref dispatch_table;      // dict: type -> reduce function
  Ref extension_registry;  // dict: (module, name) -> code
  Ref inverted_registry;   // dict: code -> (module, name)
  Ref extension_cache;     // dict: code -> object

  // _compat_pickle: what Python 2 called things.
  Ref name_mapping_2to3, import_mapping_2to3, name_mapping_3to2, import_mapping_3to2;

  Ref codecs_encode;  // _codecs.encode
  Ref builtin_getattr;
  Ref functools_partial;
  Ref empty_tuple, empty_bytes;

  Ref pickler_type, unpickler_type, pickler_memo_type, unpickler_memo_type;
  Ref trace_type, trace_node_type, opcodes_type, rules_type;
  Ref report_type, global_use_type, finding_type, payload_type;

  OldGeneration old_generation;

  bool layout_verified = false;  // see objects/layout.hpp

  std::unique_ptr<EncoderCache, void (*)(EncoderCache*)> encoder_cache{nullptr, nullptr};
  std::unique_ptr<DecoderCache, void (*)(DecoderCache*)> decoder_cache{nullptr, nullptr};
  std::unique_ptr<checker::Memory, void (*)(checker::Memory*)> checker_memory{nullptr, nullptr};
  std::unique_ptr<checker::Renames, void (*)(checker::Renames*)> renames{nullptr,
                                                                         nullptr};  // made when first asked for

  // Fills everything above but the types and the caches. Throws PythonError.
  void load();
  int traverse(visitproc visit, void* arg) const;
  void clear();
};

extern PyModuleDef module_definition;

// The state of the module that defined `type` or one of its bases. REQUIRES: type is ours or derives from ours.
State& state_of(PyTypeObject* type);
// The state of the module object itself, as module functions get it.
inline State& state_of_module(PyObject* module) { return **static_cast<State**>(PyModule_GetState(module)); }

}  // namespace brinery
