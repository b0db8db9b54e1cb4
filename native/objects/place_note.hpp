// Notes on exceptions that tell the place where something failed.
#pragma once

#include "objects/ref.hpp"

namespace brinery {

// Adds a note, but not twice the same, nor ever more to an exception object that is raised over and over.
void add_place_note(PyObject* exception, PyObject* note);

}  // namespace brinery
