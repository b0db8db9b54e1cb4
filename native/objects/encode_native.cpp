#include "objects/encode_leaves.hpp"

namespace brinery {

PyObject* Encoder::begin_native(PyObject*, bool& handled) {
  handled = false;
  return nullptr;
}

PyObject* Encoder::advance_native(Frame&) { return nullptr; }

bool Encoder::reduces_without_foreign_code(PyObject*) { return false; }

std::string native_step_of(const Frame&) { return ""; }

}  // namespace brinery
