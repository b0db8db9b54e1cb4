// The extension module brinery.codec._core: multi-phase initialisation, state per interpreter.
#include "module/boundary.hpp"
#include "module/parts.hpp"

namespace brinery {

namespace {

State*& slot_of(PyObject* module) { return *static_cast<State**>(PyModule_GetState(module)); }

int execute(PyObject* module) {
  return guard_status([&] {
    auto state = std::make_unique<State>();
    State& reference = *state;
    slot_of(module) = state.release();
    reference.load();
    add_pickler(module, reference);
    add_encode(module, reference);
    add_unpickler(module, reference);
    add_trace(module, reference);
    add_checker(module, reference);
    add_outline(module);
    add_numpy(module);
  });
}

int traverse(PyObject* module, visitproc visit, void* arg) {
  State* state = slot_of(module);
  return state != nullptr ? state->traverse(visit, arg) : 0;
}

int clear(PyObject* module) {
  State* state = slot_of(module);
  if (state != nullptr) state->clear();
  return 0;
}

void release(void* module) {
  State*& state = slot_of(static_cast<PyObject*>(module));
  if (state != nullptr) state->clear();
  delete state;
  state = nullptr;
}

PyModuleDef_Slot slots[] = {
    {Py_mod_exec, reinterpret_cast<void*>(execute)},
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
    {0, nullptr},
};

}  // namespace

PyModuleDef module_definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "brinery.codec._core",
    .m_doc = "The codec: Python objects to pickle bytes and back.",
    .m_size = sizeof(State*),
    .m_methods = nullptr,
    .m_slots = slots,
    .m_traverse = traverse,
    .m_clear = clear,
    .m_free = release,
};

}  // namespace brinery

PyMODINIT_FUNC PyInit__core() { return PyModuleDef_Init(&brinery::module_definition); }
