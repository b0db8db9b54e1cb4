#include "module/parts.hpp"

namespace brinery {

void add_unpickler(PyObject*, State&) {}

}  // namespace brinery
