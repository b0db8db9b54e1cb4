#include "module/parts.hpp"

namespace brinery {

void add_pickler(PyObject*, State&) {}

}  // namespace brinery
