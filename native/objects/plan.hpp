// How the instances of a type are written without asking Python.
#pragma once

#include <string>

#include "objects/frame.hpp"

namespace brinery {

struct Plan {
  PyTypeObject* type = nullptr;
};

struct PlanTable {};

// The step of a native frame in the path to a failing object, see encode_path.cpp.
std::string native_step_of(const Frame& frame);

}  // namespace brinery
