#include "objects/state.hpp"

#include "objects/layout.hpp"

namespace brinery {

namespace {

Ref dict_attribute(PyObject* module, const char* name) {
  Ref found = get_attribute(module, name);
  if (!PyDict_CheckExact(found.get())) {
    raise(PyExc_RuntimeError, "%s.%s should be a dict, not %.200s", PyModule_GetName(module), name,
          Py_TYPE(found.get())->tp_name);
  }
  return found;
}

// Everything with a reference, in one list for traverse and clear.
template <class Self, class Visit>
void for_each_ref(Self& state, Visit&& visit) {
#define X(name) visit(state.names.name);
  BRINERY_NAMES(X)
#undef X
  for (auto* ref :
       {&state.pickle_error,        &state.pickling_error,    &state.unpickling_error,    &state.dispatch_table,
        &state.extension_registry,  &state.inverted_registry, &state.extension_cache,     &state.name_mapping_2to3,
        &state.import_mapping_2to3, &state.name_mapping_3to2, &state.import_mapping_3to2, &state.codecs_encode,
        &state.builtin_getattr,     &state.functools_partial, &state.empty_tuple,         &state.empty_bytes,
        &state.pickler_type,        &state.unpickler_type,    &state.pickler_memo_type,   &state.unpickler_memo_type,
        &state.trace_type,          &state.trace_node_type,   &state.opcodes_type,        &state.rules_type,
        &state.report_type,         &state.global_use_type,   &state.finding_type,        &state.payload_type}) {
    visit(*ref);
  }
}

}  // namespace

void State::load() {
#define X(name) names.name = Ref::checked(PyUnicode_InternFromString(#name));
  BRINERY_NAMES(X)
#undef X
  Ref pickle = import_module("_pickle");
  pickle_error = get_attribute(pickle, "PickleError");
  pickling_error = get_attribute(pickle, "PicklingError");
  unpickling_error = get_attribute(pickle, "UnpicklingError");

  Ref copyreg = import_module("copyreg");
  dispatch_table = dict_attribute(copyreg, "dispatch_table");
  extension_registry = dict_attribute(copyreg, "_extension_registry");
  inverted_registry = dict_attribute(copyreg, "_inverted_registry");
  extension_cache = dict_attribute(copyreg, "_extension_cache");

  Ref compat = import_module("_compat_pickle");
  name_mapping_2to3 = dict_attribute(compat, "NAME_MAPPING");
  import_mapping_2to3 = dict_attribute(compat, "IMPORT_MAPPING");
  name_mapping_3to2 = dict_attribute(compat, "REVERSE_NAME_MAPPING");
  import_mapping_3to2 = dict_attribute(compat, "REVERSE_IMPORT_MAPPING");

  codecs_encode = get_attribute(import_module("_codecs"), "encode");
  builtin_getattr = get_attribute(import_module("builtins"), "getattr");
  functools_partial = get_attribute(import_module("functools"), "partial");
  empty_tuple = Ref::checked(PyTuple_New(0));
  empty_bytes = Ref::checked(PyBytes_FromStringAndSize(nullptr, 0));
  old_generation.load();
  layout_verified = layout::verify();
}

int State::traverse(visitproc visit, void* arg) const {
  int status = 0;
  for_each_ref(*this, [&](const Ref& ref) {
    if (status == 0) status = ref.visit(visit, arg);
  });
  return status != 0 ? status : old_generation.traverse(visit, arg);
}

void State::clear() {
  encoder_cache.reset();
  decoder_cache.reset();
  old_generation.clear();
  for_each_ref(*this, [](Ref& ref) { ref.reset(); });
}

State& state_of(PyTypeObject* type) { return state_of_module(PyType_GetModuleByDef(type, &module_definition)); }

}  // namespace brinery
